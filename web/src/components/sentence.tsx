/** A sentence of the server, which speaks English; what stands between backticks is a name, and shown as one. */
export function Sentence({ text }: { text: string }) {
  const parts = text.split(/`([^`]+)`/);
  return (
    <span lang="en">
      {/* biome-ignore lint/suspicious/noArrayIndexKey: the parts of one sentence have no identity but their place */}
      {parts.map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part))}
    </span>
  );
}
