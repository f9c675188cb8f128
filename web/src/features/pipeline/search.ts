import type { Schemas } from "@/api/client";
import { RUN_STATUSES, type RunStatus } from "@/components/status";

export const TABS = ["overview", "runs", "schedules", "triggers", "environment", "manifest"] as const;
export type Tab = (typeof TABS)[number];
export type OccurrenceStatus = Schemas["OccurrenceStatus"];
export const OCCURRENCE_STATUSES = ["run", "skipped", "coalesced", "waiting"] as const;

/** What is looked at on the page of a pipeline; it stands in the URL. */
export interface PipelineSearch {
  /** None: the overview. */
  tab?: Tab;
  /** Of the runs. */
  status?: RunStatus[];
  /** The schedule whose ledger is open, and what of it. */
  schedule?: string;
  ledger?: OccurrenceStatus;
  /** The minute that somebody asks about, as clocks show it. */
  at?: string;
  /** Of the packages. */
  package?: string;
  /** The form that starts a run is open; `like` an earlier one. */
  start?: true;
  like?: string;
}

/** Changes a part of it; what is undefined leaves the URL. */
export type Change = (part: { [Key in keyof PipelineSearch]: PipelineSearch[Key] | undefined }) => void;

/** Read an address; what can't be right is left out. */
export function readPipelineSearch(search: Record<string, unknown>): PipelineSearch {
  const status = [search.status].flat().filter((each) => isOneOf(RUN_STATUSES, each));
  return {
    ...(isOneOf(TABS, search.tab) && search.tab !== "overview" && { tab: search.tab }),
    ...(status.length > 0 && { status }),
    ...text("schedule", search),
    ...(isOneOf(OCCURRENCE_STATUSES, search.ledger) && { ledger: search.ledger }),
    ...text("at", search),
    ...text("package", search),
    ...((search.start === true || typeof search.like === "string") && { start: true as const }),
    ...text("like", search),
  };
}

function isOneOf<T extends string>(values: readonly T[], value: unknown): value is T {
  return (values as readonly unknown[]).includes(value);
}

function text<K extends "schedule" | "at" | "package" | "like">(key: K, search: Record<string, unknown>) {
  const value = search[key];
  return typeof value === "string" && value ? ({ [key]: value } as { [Key in K]: string }) : {};
}
