import type { Schemas } from "@/api/client";

type Run = Schemas["RunView"];

/** A run that has begun, as the timeline places it. */
export interface Mark {
  run: Run;
  /** When it began, in milliseconds. */
  at: number;
  seconds: number;
}

/** Return the marks of runs that have begun, the oldest first. */
export function marksOf(runs: readonly Run[], now: number): Mark[] {
  const marks: Mark[] = [];
  for (const run of runs) {
    if (run.started_at === null) continue;
    const at = Date.parse(run.started_at);
    const end = run.finished_at === null ? now : Date.parse(run.finished_at);
    marks.push({ run, at, seconds: Math.max(0, (end - at) / 1000) });
  }
  return marks.sort((a, b) => a.at - b.at);
}

const SHORTEST_SECONDS = 0.1;
/** Durations that people think in; each about three to ten times the one before. */
const STEPS = [0.1, 1, 10, 60, 600, 3600, 21_600, 86_400, 604_800, 2_592_000];

/** From what to what durations are drawn: the steps around the shortest and the longest. */
export function durationRange(marks: readonly Mark[]): [number, number] {
  let least = Number.POSITIVE_INFINITY;
  let most = SHORTEST_SECONDS;
  for (const { seconds } of marks) {
    least = Math.min(least, seconds);
    most = Math.max(most, seconds);
  }
  const from = STEPS.findLast((step) => step <= least) ?? SHORTEST_SECONDS;
  const to = STEPS.find((step) => step >= most && step > from) ?? most;
  return [from, to];
}

/** Return the durations that get a line. */
export function durationTicks([from, to]: [number, number]): number[] {
  return STEPS.filter((step) => step >= from && step <= to);
}

/** Return how far up a duration is, from 0 to 1, on a logarithmic scale. */
export function durationShare(seconds: number, [from, to]: [number, number]): number {
  const share = Math.log(Math.max(seconds, from) / from) / Math.log(to / from);
  return Math.min(1, share);
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const TIME_STEPS = [
  ...[1, 2, 5, 15, 30].map((count) => count * MINUTE),
  ...[1, 3, 6, 12].map((count) => count * HOUR),
  ...[1, 2, 7, 14, 30, 90, 365].map((count) => count * DAY),
];

/** Return moments for vertical lines, at most `most` and round by the clock, and the step between them. */
export function timeTicks(
  from: number,
  to: number,
  most: number,
  offsetOf: (at: number) => number,
): { step: number; ticks: number[] } {
  const step = TIME_STEPS.find((each) => (to - from) / each <= most) ?? 365 * DAY;
  const ticks: number[] = [];
  let local = Math.ceil((from + offsetOf(from)) / step) * step;
  for (let at = local - offsetOf(local); at <= to; at = local - offsetOf(local)) {
    if (at >= from) ticks.push(at);
    local += step;
  }
  return { step, ticks };
}

/** Return the index of the point nearest to a place, or -1 where none is within reach. */
export function nearest(
  points: readonly (readonly [number, number])[],
  x: number,
  y: number,
  reach: number,
): number {
  let found = -1;
  let least = reach * reach;
  for (const [index, [px, py]] of points.entries()) {
    const distance = (px - x) ** 2 + (py - y) ** 2;
    if (distance <= least) {
      least = distance;
      found = index;
    }
  }
  return found;
}

export interface Summary {
  counts: [Run["status"], number][];
  medianSeconds: number;
  longest: Mark;
}

/** Sum marks up for those who can't see them. */
export function summaryOf(marks: readonly Mark[]): Summary | null {
  const bySeconds = marks.toSorted((a, b) => a.seconds - b.seconds);
  const longest = bySeconds.at(-1);
  const median = bySeconds[Math.floor((bySeconds.length - 1) / 2)];
  if (longest === undefined || median === undefined) return null;
  const counts = new Map<Run["status"], number>();
  for (const { run } of marks) counts.set(run.status, (counts.get(run.status) ?? 0) + 1);
  return { counts: [...counts].sort((a, b) => b[1] - a[1]), medianSeconds: median.seconds, longest };
}
