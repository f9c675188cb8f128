import { followStream, pause, untilVisible } from "@/api/event_stream";
import { type LogLine, PAGE_LINES, PageCache } from "./page_cache";
import { lineOf, readPage, readTotal } from "./queries";

/** Lines that stream in are shown this often: more could not be read. */
const SHOW_EVERY_MS = 100;
/** How often to look how many lines there are, where nobody follows them. */
const COUNT_EVERY_MS = 1_000;
const LONGEST_WAIT_MS = 10_000;
/** When to ask again for what could not be read. */
const AGAIN_AFTER_MS = 2_000;
/** This far around what is visible, lines are loaded ahead. */
const AHEAD_LINES = 200;

/**
 * The log of one run: loads the pages that are looked at, and knows how many lines there are.
 *
 * While it is followed the lines come by a stream that starts at the present end: what was missed, because
 * nobody followed or the connection was lost, is not sent, but loaded where it is looked at.
 */
export class LogSource {
  /** How many lines there are; `null`: not known yet. */
  total: number | null = null;
  /** Nothing will be added. */
  isComplete = false;
  /** Why the log could not be read. */
  trouble: Error | null = null;
  /** Counts the changes of all that can be seen here. */
  version = 0;
  readonly cache = new PageCache();

  readonly runId: string;
  private isFollowed = false;
  private wanted: [number, number] = [0, 0];
  private readonly loading = new Map<number, AbortController>();
  private watching: AbortController | null = null;
  private readonly listeners = new Set<() => void>();
  private showing: ReturnType<typeof setTimeout> | undefined;
  private shownAt = 0;

  constructor(runId: string) {
    this.runId = runId;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly currentVersion = (): number => this.version;

  /** Begin to look; returns how to stop it. */
  start(): () => void {
    this.watch();
    return () => {
      this.watching?.abort();
      this.watching = null;
      for (const loading of this.loading.values()) loading.abort();
      this.loading.clear();
      clearTimeout(this.showing);
      this.showing = undefined;
    };
  }

  /** Follow the end as it grows, or only count. */
  follow(isFollowed: boolean): void {
    if (this.isFollowed === isFollowed) return;
    this.isFollowed = isFollowed;
    if (this.watching !== null && !this.isComplete) this.watch();
  }

  /** Load these lines, `last` not included; what is on its way for others is called off. */
  want(first: number, last: number): void {
    const total = this.total ?? 0;
    this.wanted = [Math.max(first - AHEAD_LINES, 0), Math.min(last + AHEAD_LINES, total)];
    this.cache.touch(...this.wanted);
    const missing = this.cache.missing(...this.wanted);
    const pages = new Set(missing.map(({ from }) => pageStart(from)));
    for (const [page, loading] of this.loading) {
      if (pages.has(page)) continue;
      loading.abort();
      this.loading.delete(page);
    }
    for (const { from, limit } of missing) {
      if (!this.loading.has(pageStart(from))) void this.load(from, limit);
    }
  }

  /** Ask again for what could not be read. */
  retry(): void {
    this.trouble = null;
    this.watch();
    this.want(...this.wanted);
    this.changed();
  }

  private async load(from: number, limit: number): Promise<void> {
    const page = pageStart(from);
    const stopping = new AbortController();
    this.loading.set(page, stopping);
    try {
      const answer = await readPage(this.runId, { from, limit, signal: stopping.signal });
      this.trouble = null;
      this.add(answer.lines);
    } catch (error) {
      if (stopping.signal.aborted) return;
      this.trouble = error as Error;
      this.changed();
      // Until then it counts as on its way: what is wanted is looked through at every change.
      await pause(AGAIN_AFTER_MS, stopping.signal);
      if (stopping.signal.aborted) return;
    }
    this.loading.delete(page);
    this.changed();
  }

  /** Keep `total` up to date until it can't change any more. */
  private watch(): void {
    this.watching?.abort();
    this.watching = new AbortController();
    void this.keepWatching(this.watching.signal);
  }

  private async keepWatching(stopped: AbortSignal): Promise<void> {
    let wait = COUNT_EVERY_MS;
    while (!stopped.aborted) {
      await untilVisible(stopped);
      const isKnown = await this.count(stopped);
      if (stopped.aborted || (isKnown && this.isComplete)) return;
      if (isKnown && this.isFollowed) await this.stream(stopped);
      if (this.isComplete) return;
      wait = isKnown ? COUNT_EVERY_MS : Math.min(wait * 2, LONGEST_WAIT_MS);
      await pause(wait, stopped);
    }
  }

  private async count(stopped: AbortSignal): Promise<boolean> {
    try {
      const { totalLines, isComplete } = await readTotal(this.runId, stopped);
      const hasChanged = totalLines !== this.total || isComplete !== this.isComplete || this.trouble !== null;
      this.total = Math.max(totalLines, this.total ?? 0);
      this.isComplete = isComplete;
      this.trouble = null;
      if (hasChanged) this.changed();
      return true;
    } catch (error) {
      if (stopped.aborted) return false;
      this.trouble = error as Error;
      this.changed();
      return false;
    }
  }

  /** Take in new lines until the log ends, the connection is lost, or nobody follows any more. */
  private stream(stopped: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const stream = followStream(`/api/runs/${this.runId}/logs/stream?from_line=${this.total}`, {
        onEvents: (events) => {
          const lines: LogLine[] = [];
          for (const { event, id, data } of events) {
            if (event === "end") this.isComplete = true;
            else lines.push(lineOf(Number(id), JSON.parse(data)));
          }
          this.add(lines);
          if (this.isComplete) leave();
          else this.changedSoon();
        },
        onConnected: (isConnected) => {
          if (!isConnected) leave();
        },
        onRefused: (problem) => {
          this.trouble = problem;
          leave();
        },
      });
      const leave = () => {
        stream.stop();
        stopped.removeEventListener("abort", leave);
        this.changed();
        resolve();
      };
      stopped.addEventListener("abort", leave);
    });
  }

  private add(lines: readonly LogLine[]): void {
    this.cache.add(lines);
    const last = lines.at(-1);
    if (last !== undefined) this.total = Math.max(this.total ?? 0, last.number + 1);
  }

  private changedSoon(): void {
    if (this.showing !== undefined) return;
    const since = performance.now() - this.shownAt;
    this.showing = setTimeout(() => this.changed(), Math.max(SHOW_EVERY_MS - since, 0));
  }

  private changed(): void {
    clearTimeout(this.showing);
    this.showing = undefined;
    this.shownAt = performance.now();
    this.version += 1;
    for (const listener of this.listeners) listener();
  }
}

function pageStart(line: number): number {
  return line - (line % PAGE_LINES);
}
