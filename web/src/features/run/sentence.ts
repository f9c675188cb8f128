import type { TFunction } from "i18next";
import type { Schemas } from "@/api/client";
import { bytesText, durationText, roughDuration } from "@/components/moment";
import type { RunStatus } from "@/components/status";
import { readSpec } from "./spec";

type Run = Schemas["RunDetail"];
type Words = TFunction<["run", "general"]>;

/** What stands in front of the name in the browser's tab. */
const SYMBOLS: Record<RunStatus, string> = {
  PENDING: "○",
  RUNNING: "●",
  RETRYING: "↻",
  SUCCESS: "✓",
  FAILED: "✕",
  CANCELLED: "⊘",
  SKIPPED: "◌",
};

const HAS_ENDED: Record<RunStatus, boolean> = {
  PENDING: false,
  RUNNING: false,
  RETRYING: false,
  SUCCESS: true,
  FAILED: true,
  CANCELLED: true,
  SKIPPED: true,
};

export function hasEnded(run: Pick<Run, "status">): boolean {
  return HAS_ENDED[run.status];
}

/** Name a run so that the browser's tab tells how it is: `✕ report – failed`. */
export function tabTitle(run: Run, t: Words): string {
  const status = t(`general:status.${run.status}`).toLocaleLowerCase();
  return t("symbolTitle", { symbol: SYMBOLS[run.status], name: run.pipeline_name, status });
}

/** Say in one sentence what happened to a run, or what it does. */
export function verdictOf(run: Run, now: number, t: Words, language: string): string {
  if (!hasEnded(run)) return stateOf(run, now, t, language);
  const last = run.attempts.at(-1);
  const seconds = secondsOf(last?.started_at ?? run.started_at, last?.finished_at ?? run.finished_at);
  const duration = seconds === null ? null : durationText(seconds, language);
  if (run.status === "SUCCESS") return sentence(t("verdict.succeeded", { duration: duration ?? "–" }));
  const limit = readSpec(run.spec).memoryBytes;
  const told = t(`outcome.${run.outcome ?? "not_started"}`, {
    code: run.exit_code ?? "?",
    after: duration === null ? "" : t("verdict.after", { duration }),
    at: limit === null ? "" : t("verdict.at", { size: bytesText(limit, language) }),
  });
  if (run.status !== "FAILED" || run.attempt_count < 2) return sentence(told);
  return `${sentence(told)} ${sentence(t("verdict.allFailed", { count: run.attempt_count }))}`;
}

function stateOf(run: Run, now: number, t: Words, language: string): string {
  if (run.cancel_requested_at !== null) return sentence(t("verdict.ending"));
  const last = run.attempts.at(-1);
  if (last?.status === "PREPARING") return sentence(t("verdict.prepares"));
  if (run.status === "RUNNING") {
    const seconds = run.started_at === null ? 0 : Math.floor((now - Date.parse(run.started_at)) / 1000);
    if (seconds < 1) return sentence(t("verdict.starts"));
    return sentence(t("verdict.runs", { duration: durationText(seconds, language) }));
  }
  if (run.status === "PENDING" || last === undefined) return sentence(t("verdict.waits"));
  const attempts = { failed: last.number - 1, total: readSpec(run.spec).retryAttempts + 1 };
  const when = untilDue(last, now, t);
  return sentence(
    when === null ? t("verdict.retriesSoon", attempts) : t("verdict.retries", { ...attempts, when }),
  );
}

/** Return the server's own sentence: why it ended or what it waits for; null: ours says as much. */
export function reasonOf(run: Run): string | null {
  if (run.status === "SUCCESS" || run.status === "RUNNING") return null;
  // The run's own sentence counts down from when it was written.
  if (run.status === "RETRYING")
    return run.attempts.findLast(({ outcome }) => outcome !== null)?.reason ?? null;
  return run.reason;
}

/** Say how long it is until an attempt is due; null when that is over. */
export function untilDue(
  attempt: Pick<Schemas["AttemptView"], "available_at">,
  now: number,
  t: Words,
): string | null {
  const seconds = (Date.parse(attempt.available_at) - now) / 1000;
  return seconds < 1 ? null : t("general:time.in", { duration: roughDuration(seconds) });
}

function secondsOf(from: string | null, to: string | null): number | null {
  return from === null || to === null ? null : (Date.parse(to) - Date.parse(from)) / 1000;
}

const sentence = (text: string) => `${text}.`;
