/** One line of a log, as it is shown. */
export interface LogLine {
  /** 0 for the first line of the first attempt. */
  number: number;
  /** Never longer than `LONGEST_TEXT`; `length` says how long it really is. */
  text: string;
  length: number;
  isError: boolean;
  at: string;
}

export interface Stretch {
  from: number;
  limit: number;
}

interface Page {
  /** From the page's first line on, without a gap. */
  lines: LogLine[];
  characters: number;
}

export const PAGE_LINES = 500;
const MOST_LINES = 20_000;
const MOST_CHARACTERS = 16_000_000;

/** Keeps the pages of a log that were used last, so that memory stays flat however long the log is. */
export class PageCache {
  private readonly pages = new Map<number, Page>(); // the one that was used last is the last
  private characters = 0;
  private kept = 0;
  private readonly mostLines: number;
  private readonly mostCharacters: number;

  constructor(mostLines = MOST_LINES, mostCharacters = MOST_CHARACTERS) {
    this.mostLines = mostLines;
    this.mostCharacters = mostCharacters;
  }

  /** The number of lines that are kept. */
  get size(): number {
    return this.kept;
  }

  line(number: number): LogLine | undefined {
    return this.pages.get(pageOf(number))?.lines[number % PAGE_LINES];
  }

  /** The lines of a page that are here, from its first one on. */
  page(index: number): readonly LogLine[] {
    return this.pages.get(index)?.lines ?? [];
  }

  /** Keep these lines. One that has a gap before it in its page is not kept: it is asked for again. */
  add(lines: Iterable<LogLine>): void {
    let latest: number | undefined;
    for (const line of lines) {
      const index = pageOf(line.number);
      if (index !== latest) this.open(index, line.number % PAGE_LINES === 0);
      latest = index;
      const page = this.pages.get(index);
      if (page === undefined || page.lines.length !== line.number % PAGE_LINES) continue;
      page.lines.push(line);
      page.characters += line.text.length;
      this.characters += line.text.length;
      this.kept += 1;
    }
    this.evict();
  }

  /** What has to be asked for to have all lines of `first` to `last`, which is not included. */
  missing(first: number, last: number): Stretch[] {
    const stretches: Stretch[] = [];
    for (let index = pageOf(first); index * PAGE_LINES < last; index += 1) {
      const start = index * PAGE_LINES;
      const have = this.page(index).length;
      if (have < Math.min(PAGE_LINES, last - start)) {
        stretches.push({ from: start + have, limit: PAGE_LINES - have });
      }
    }
    return stretches;
  }

  /** Say that these lines are looked at: their pages are the last to go. */
  touch(first: number, last: number): void {
    for (let index = pageOf(first); index * PAGE_LINES < last; index += 1) this.open(index, false);
  }

  private open(index: number, isMade: boolean): void {
    const page = this.pages.get(index) ?? (isMade ? { lines: [], characters: 0 } : undefined);
    if (page === undefined) return;
    this.pages.delete(index);
    this.pages.set(index, page);
  }

  private evict(): void {
    for (const [index, page] of this.pages) {
      if (this.kept <= this.mostLines && this.characters <= this.mostCharacters) return;
      if (this.pages.size === 1) return;
      this.pages.delete(index);
      this.kept -= page.lines.length;
      this.characters -= page.characters;
    }
  }
}

export function pageOf(line: number): number {
  return Math.floor(line / PAGE_LINES);
}
