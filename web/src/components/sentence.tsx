/** A sentence of the server; what stands between backticks is a name, and shown as one. */
export function Sentence({ text }: { text: string }) {
  const parts = text.split(/`([^`]+)`/);
  // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one sentence have no identity but their place
  return parts.map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part));
}
