import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { type RunStatus, Status } from "@/components/status";
import { Elapsed, useNow } from "@/components/time";
import { Disclosure } from "@/ui/disclosure";
import styles from "./attempts.module.css";
import { untilDue } from "./sentence";
import { readSpec, type Spec } from "./spec";

type Run = Schemas["RunDetail"];
type Attempt = Schemas["AttemptView"];

/** What was tried for a run, each with how it ended; only where there is more than one, or may be. */
export function Attempts({ run, chosen }: { run: Run; chosen: number }) {
  const { t } = useTranslation("run");
  const spec = readSpec(run.spec);
  if (run.attempts.length < 2 && spec.retryAttempts === 0) return null;
  return (
    <Disclosure title={titleOf(run, spec, t("attempts"))}>
      <ol className={styles.list}>
        {run.attempts.map((attempt) => (
          <Row key={attempt.number} run={run} attempt={attempt} isChosen={attempt.number === chosen} />
        ))}
      </ol>
    </Disclosure>
  );
}

const titleOf = (run: Run, spec: Spec, word: string) =>
  `${word} · ${run.attempt_count} / ${Math.max(spec.retryAttempts + 1, run.attempt_count)}`;

function Row({ run, attempt, isChosen }: { run: Run; attempt: Attempt; isChosen: boolean }) {
  const { t } = useTranslation("run");
  return (
    <li className={styles.attempt} aria-current={isChosen || undefined}>
      <Status status={statusOf(run, attempt)} />
      <div className={styles.words}>
        <Link
          from="/runs/$runId"
          to="."
          search={(before) => ({ ...before, attempt: attempt.number })}
          hash={true}
          resetScroll={false}
          className={styles.name}
        >
          {t("attempt", { number: attempt.number })}
        </Link>
        <span className={styles.how}>
          <Ending attempt={attempt} />
        </span>
        {attempt.reason !== null && saysMore(attempt) && (
          <p className={styles.reason} lang="en">
            {attempt.reason}
          </p>
        )}
      </div>
      <span className={styles.figure}>
        {attempt.started_at !== null && <Elapsed from={attempt.started_at} to={attempt.finished_at} />}
      </span>
    </li>
  );
}

/** How an attempt ended, or what it does. */
function Ending({ attempt }: { attempt: Attempt }) {
  const { t } = useTranslation(["run", "general"]);
  const now = useNow();
  if (attempt.status === "QUEUED") {
    const when = untilDue(attempt, now, t);
    return when === null ? t("attemptWaits") : t("attemptNext", { when });
  }
  if (attempt.status === "PREPARING") return t("attemptPrepares");
  if (attempt.outcome === null) return t("attemptRuns");
  if (isSuccess(attempt)) return t("attemptSucceeded");
  return t(`outcomeShort.${attempt.outcome}`, { code: attempt.exit_code ?? "?" });
}

const isSuccess = (attempt: Attempt) => attempt.outcome === "exited" && attempt.exit_code === 0;

/** Whether the server's sentence says more than how it ended in two words; a signal has a name. */
const saysMore = ({ outcome, exit_code: code }: Attempt) =>
  outcome !== null && (outcome !== "exited" || (code ?? 0) > 128);

/** An attempt has the shape that a run would have which ended so. */
function statusOf(run: Run, attempt: Attempt): RunStatus {
  if (attempt.status === "QUEUED") return run.status === "RETRYING" ? "RETRYING" : "PENDING";
  if (attempt.status !== "ENDED") return attempt.status === "PREPARING" ? "PENDING" : "RUNNING";
  if (attempt.outcome === "cancelled") return "CANCELLED";
  return isSuccess(attempt) ? "SUCCESS" : "FAILED";
}
