import type { Piece } from "./ansi";

export interface Part extends Piece {
  isHit: boolean;
}

/** Cut pieces where a hit of `search` begins and ends. A hit may go over several; letters' case is ignored. */
export function marked(pieces: readonly Piece[], search: string): Part[] {
  const whole = search === "" ? "" : pieces.map(({ text }) => text).join("");
  const found = whole === "" ? [] : [...whole.matchAll(literal(search))];
  // Hits are from an even cut to the odd one that follows.
  const cuts = found.flatMap(({ index, 0: { length } }) => [index, index + length]);
  const parts: Part[] = [];
  let start = 0;
  let passed = 0;
  for (const { text, look } of pieces) {
    for (let at = 0; at < text.length; ) {
      while ((cuts[passed] ?? Number.POSITIVE_INFINITY) <= start + at) passed += 1;
      const stop = Math.min((cuts[passed] ?? Number.POSITIVE_INFINITY) - start, text.length);
      parts.push({ text: text.slice(at, stop), look, isHit: passed % 2 === 1 });
      at = stop;
    }
    start += text.length;
  }
  return parts;
}

function literal(text: string): RegExp {
  return new RegExp(text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"), "gi");
}
