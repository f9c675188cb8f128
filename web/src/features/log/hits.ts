/** Where among the hits one is: their number, from 0; -1 for none. Hits are in order. */
export function indexOf(hits: readonly number[], line: number | null): number {
  if (line === null) return -1;
  const index = firstFrom(hits, line);
  return hits[index] === line ? index : -1;
}

/** The number of the first hit that is at `line` or after it; how many there are, if none is. */
export function firstFrom(hits: readonly number[], line: number): number {
  let low = 0;
  let high = hits.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((hits[middle] ?? 0) < line) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The hit after, or before, a line; beyond the last one it begins anew. */
export function stepFrom(hits: readonly number[], line: number, direction: 1 | -1): number | null {
  if (hits.length === 0) return null;
  const index = direction === 1 ? firstFrom(hits, line + 1) : firstFrom(hits, line) - 1;
  return hits[(index + hits.length) % hits.length] ?? null;
}
