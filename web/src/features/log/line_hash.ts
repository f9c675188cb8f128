/** Lines that are selected, both included; 0 is the first line. */
export interface LineRange {
  first: number;
  last: number;
}

const HASH = /^#?L(\d{1,15})(?:-L?(\d{1,15}))?$/;

/** Read which lines a URL's hash names: `#L120`, `#L120-L140`. People count from 1. */
export function readHash(hash: string): LineRange | null {
  const found = HASH.exec(hash);
  if (found === null) return null;
  const one = Number(found[1]) - 1;
  const other = found[2] === undefined ? one : Number(found[2]) - 1;
  if (one < 0 || other < 0) return null;
  return { first: Math.min(one, other), last: Math.max(one, other) };
}

/** Write the hash, without `#`, that names these lines. */
export function writeHash({ first, last }: LineRange): string {
  return first === last ? `L${first + 1}` : `L${first + 1}-L${last + 1}`;
}

export function rangeOf(line: number): LineRange {
  return { first: line, last: line };
}

/** A selection with more lines at its end, or with fewer; one at least, and none beyond `most`. */
export function extended({ first, last }: LineRange, lines: number, most: number): LineRange {
  return { first, last: Math.min(Math.max(last + lines, first), Math.max(most, first)) };
}

/** What is selected by a press on a line's number; with Shift, all from what was selected to there. */
export function pressed(line: number, before: LineRange | null, isExtending: boolean): LineRange {
  if (!isExtending || before === null) return { first: line, last: line };
  return line < before.first ? { first: line, last: before.last } : { first: before.first, last: line };
}
