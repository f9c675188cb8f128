import type { Schemas } from "@/api/client";
import type { RunStatus } from "@/components/status";

type Trigger = Schemas["Trigger"];

/** In the order in which they are looked for. */
export const STATUSES: readonly RunStatus[] = [
  "FAILED",
  "RUNNING",
  "RETRYING",
  "PENDING",
  "SUCCESS",
  "CANCELLED",
  "SKIPPED",
];
export const TRIGGERS: readonly Trigger[] = ["manual", "api", "schedule", "webhook", "upstream"];

/** Periods that end now, in milliseconds. */
export const PERIODS = {
  "1h": 3_600_000,
  "24h": 86_400_000,
  "7d": 604_800_000,
  "30d": 2_592_000_000,
} as const;
export type Period = keyof typeof PERIODS;

/** What narrows a list of runs; it stands in the URL. */
export interface RunFilter {
  pipeline?: string;
  status?: RunStatus[];
  trigger?: Trigger;
  period?: Period;
  /** Moments; pages that lead here set them. */
  from?: string;
  before?: string;
  text?: string;
}

export interface RunSearch extends RunFilter {
  view?: "timeline";
}

/** Read a filter from an address; what can't be right is left out. */
export function readRunSearch(search: Record<string, unknown>): RunSearch {
  const asked = [search.status].flat();
  const status = STATUSES.filter((each) => asked.includes(each));
  const trigger = TRIGGERS.find((each) => each === search.trigger);
  const period = (Object.keys(PERIODS) as Period[]).find((each) => each === search.period);
  const pipeline = textOf(search.pipeline);
  const text = textOf(search.text)?.slice(0, 200);
  const from = momentOf(search.from);
  const before = momentOf(search.before);
  return {
    ...(pipeline && { pipeline }),
    ...(status.length > 0 && { status }),
    ...(trigger && { trigger }),
    ...(period ? { period } : { ...(from && { from }), ...(before && { before }) }),
    ...(text && { text }),
    ...(search.view === "timeline" && { view: "timeline" }),
  };
}

/** A number in an address is a text as well: `?text=404`. */
function textOf(value: unknown): string | undefined {
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}

function momentOf(value: unknown): string | undefined {
  return typeof value === "string" && !Number.isNaN(Date.parse(value)) ? value : undefined;
}

/** Return the filter alone, without how it is looked at. */
export function filterOf({ view: _, ...filter }: RunSearch): RunFilter {
  return filter;
}

const AN_HOUR = 3_600_000;

/**
 * Return a filter as `GET /api/runs` takes it. An id begins with the moment at which it was made: with the
 * bounds said in ids as well, the server looks at nothing outside of them. An hour more, for clocks that err.
 */
export function askedOf(filter: RunFilter, now: number) {
  const from = filter.period ? now - PERIODS[filter.period] : filter.from && Date.parse(filter.from);
  const before = filter.before && Date.parse(filter.before);
  return {
    ...(filter.pipeline && { pipeline_name: filter.pipeline }),
    ...(filter.status && { status: filter.status }),
    ...(filter.trigger && { trigger: filter.trigger }),
    ...(from && { created_from: new Date(from).toISOString(), newer_than: firstIdAt(from - AN_HOUR) }),
    ...(before && { created_before: new Date(before).toISOString(), cursor: firstIdAt(before + AN_HOUR) }),
    ...(filter.text && { text: filter.text }),
  };
}

/** Return what sorts before every id (UUIDv7) that is made at that moment. */
export function firstIdAt(at: number): string {
  const hex = Math.max(0, Math.floor(at)).toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}
