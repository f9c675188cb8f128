import { type LogLine, PAGE_LINES, type PageCache, pageOf } from "./page_cache";

/** Lines that are folded into their last one: `last`, which says what was raised. */
export interface Traceback {
  first: number;
  last: number;
}

const BEGINNING = "Traceback (most recent call last):";
/** Longer ones are not folded; Python itself leaves out what repeats. */
const LONGEST = PAGE_LINES;

/** Find the tracebacks of Python that begin within these lines, which follow one another. */
export function findTracebacks(lines: readonly LogLine[]): Traceback[] {
  const found: Traceback[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at];
    if (line === undefined || !line.text.startsWith(BEGINNING)) continue;
    let end = at + 1;
    // Frames are indented; what was raised is not. Lines of the other stream may stand in between.
    while (lines[end]?.text.startsWith(" ") || (lines[end] && lines[end]?.isError !== line.isError)) end += 1;
    const last = lines[end];
    if (last === undefined || end === at + 1 || end - at > LONGEST) continue;
    found.push({ first: line.number, last: last.number });
    at = end;
  }
  return found;
}

interface Known {
  lines: number;
  following: number;
  tracebacks: Traceback[];
}

/** Which tracebacks of the lines that are here are folded, and which somebody has opened. */
export class Folding {
  /** What somebody chose, by the last line. */
  private readonly chosen = new Map<number, boolean>();
  private revealed: readonly number[] = [];
  private known = new Map<number, Known>();
  private readonly cache: PageCache;
  private readonly onChange: () => void;

  constructor(cache: PageCache, onChange: () => void) {
    this.cache = cache;
    this.onChange = onChange;
  }

  readonly isHidden = (line: number): boolean => {
    const around = this.around(line);
    return around !== undefined && line < around.last && !this.isOpen(around);
  };

  /** The traceback whose last line this is. */
  readonly endingAt = (line: number): { lines: number; isOpen: boolean } | undefined => {
    const around = this.around(line);
    if (around?.last !== line) return undefined;
    return { lines: around.last - around.first + 1, isOpen: this.isOpen(around) };
  };

  /** Fold or unfold the traceback that ends with this line. */
  readonly toggle = (last: number): void => {
    const around = this.around(last);
    if (around === undefined) return;
    this.chosen.set(last, !this.isOpen(around));
    this.onChange();
  };

  /** Let these lines be seen, now and when they have come. */
  reveal(lines: readonly number[]): void {
    if (lines.join() === this.revealed.join()) return;
    for (const line of lines) {
      const last = this.around(line)?.last;
      if (last !== undefined && !this.revealed.includes(line)) this.chosen.delete(last);
    }
    this.revealed = lines;
  }

  private isOpen({ first, last }: Traceback): boolean {
    return this.chosen.get(last) ?? this.revealed.some((line) => first <= line && line < last);
  }

  private around(line: number): Traceback | undefined {
    for (const index of [pageOf(line) - 1, pageOf(line)]) {
      for (const each of this.in(index)) if (each.first <= line && line <= each.last) return each;
    }
    return undefined;
  }

  /** The tracebacks that begin in a page; they may end in the next. */
  private in(index: number): readonly Traceback[] {
    const lines = this.cache.page(index);
    if (lines.length === 0) return [];
    const following = lines.length === PAGE_LINES ? this.cache.page(index + 1) : [];
    const known = this.known.get(index);
    if (known?.lines === lines.length && known.following === following.length) return known.tracebacks;
    const start = index * PAGE_LINES;
    const tracebacks = findTracebacks([...lines, ...following]).filter(
      ({ first }) => first < start + PAGE_LINES,
    );
    if (this.known.size > 100) this.known.clear();
    this.known.set(index, { lines: lines.length, following: following.length, tracebacks });
    return tracebacks;
  }
}
