import type { Schemas } from "@/api/client";
import type { Tone } from "@/ui/badge";
import type { RepositoryStatus } from "./queries";

type Phase = Schemas["Phase"];

export type RepositoryState = "off" | Phase | "queued" | "failed" | "interrupted" | "never" | "inStep";

export const TONES: Record<RepositoryState, Tone> = {
  off: "off",
  waiting: "active",
  fetching: "active",
  reading: "active",
  applying: "active",
  planning: "active",
  tidying: "active",
  queued: "active",
  failed: "problem",
  interrupted: "waiting",
  never: "waiting",
  inStep: "ok",
};

/** What a sync goes through, in this order. */
export const STEPS = ["fetching", "reading", "applying", "tidying"] as const satisfies readonly Phase[];

/** Say in one word how a repository does: what goes on counts before what was. */
export function stateOf(status: RepositoryStatus): RepositoryState {
  if (status.phase !== null) return status.phase;
  if (status.is_waiting) return "queued";
  if (!status.is_enabled) return "off";
  if (status.last_sync?.status === "FAILED") return "failed";
  if (status.last_sync?.status === "INTERRUPTED") return "interrupted";
  return status.commit === null ? "never" : "inStep";
}

/** Whether a repository is reached by SSH, and so has host keys. */
export function isSsh(url: string): boolean {
  return url.startsWith("ssh://") || !url.includes("://");
}
