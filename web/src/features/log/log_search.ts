import { pause } from "@/api/event_stream";
import { firstFrom, indexOf, stepFrom } from "./hits";
import { findHits } from "./queries";

/** More hits are not counted: nobody steps through them. */
export const MOST_HITS = 100_000;
/** How often to look through what a run has added. */
const AGAIN_EVERY_MS = 1_000;

/** A search through the whole log, by the server: hits come as they are found, also those in new lines. */
export class LogSearch {
  text = "";
  hits: number[] = [];
  /** The line of the hit that is shown. */
  current: number | null = null;
  /** How many lines were looked through, and how many there are. */
  searched = 0;
  total = 0;
  trouble: Error | null = null;
  version = 0;

  private from = 0;
  private isShown = true;
  private running: AbortController | null = null;
  private readonly listeners = new Set<() => void>();
  private readonly runId: string;

  constructor(runId: string, text = "") {
    this.runId = runId;
    this.text = text;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly currentVersion = (): number => this.version;

  get isSearching(): boolean {
    return this.running !== null && this.searched < this.total && !this.isFull;
  }

  get isFull(): boolean {
    return this.hits.length >= MOST_HITS;
  }

  /** The number of the hit that is shown, from 1; 0: none. */
  get number(): number {
    return indexOf(this.hits, this.current) + 1;
  }

  /** Look for a text; the first hit that is shown, unless none is, is the first one from that line on. */
  start(text: string, from: number, isShown = true): void {
    this.stop();
    this.text = text;
    this.isShown = isShown;
    this.hits = [];
    this.current = null;
    this.searched = 0;
    this.total = 1;
    this.trouble = null;
    this.from = from;
    if (text !== "") {
      this.running = new AbortController();
      void this.run(text, this.running.signal);
    }
    this.changed();
  }

  /** Go to the next hit, or the one before. */
  step(direction: 1 | -1): void {
    const next = stepFrom(this.hits, this.current ?? this.from, direction);
    if (next === null) return;
    this.current = next;
    this.changed();
  }

  stop(): void {
    this.running?.abort();
    this.running = null;
  }

  private async run(text: string, stopped: AbortSignal): Promise<void> {
    while (!stopped.aborted && !this.isFull) {
      try {
        const found = await findHits(this.runId, text, this.searched, stopped);
        this.trouble = null;
        this.hits = this.hits.concat(found.hits);
        this.searched = found.next_line;
        this.total = found.total_lines;
        this.showFirst(found.next_line >= found.total_lines);
        this.changed();
        if (found.is_complete) return;
        if (found.next_line >= found.total_lines) await pause(AGAIN_EVERY_MS, stopped);
      } catch (error) {
        if (stopped.aborted) return;
        this.trouble = error as Error;
        this.changed();
        await pause(AGAIN_EVERY_MS, stopped);
      }
    }
  }

  private showFirst(isAllSearched: boolean): void {
    if (this.current !== null || !this.isShown) return;
    const first = this.hits[firstFrom(this.hits, this.from)];
    if (first !== undefined) this.current = first;
    else if (isAllSearched) this.current = this.hits[0] ?? null;
  }

  private changed(): void {
    this.version += 1;
    for (const listener of this.listeners) listener();
  }
}
