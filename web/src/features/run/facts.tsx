import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { durationText } from "@/components/moment";
import { Duration, Elapsed, Moment } from "@/components/time";
import { usePreferences } from "@/preferences";
import { CopyButton } from "@/ui/copy_button";
import { Disclosure } from "@/ui/disclosure";
import { Fact } from "./fact";
import styles from "./facts.module.css";
import { Origin } from "./origin";
import { readSpec } from "./spec";

type Run = Schemas["RunDetail"];

/** Where a run comes from, what of, and when. */
export function Facts({ run }: { run: Run }) {
  const { t } = useTranslation("run");
  const spec = readSpec(run.spec);
  const lockfile = run.attempts.findLast((attempt) => attempt.lockfile_key !== null)?.lockfile_key;
  return (
    <Disclosure title={t("facts")} startsClosedOnPhone>
      <dl className={styles.facts}>
        <Origin run={run} />
        <Fact name={t("repository")}>{run.repository ?? t("localFolder")}</Fact>
        {run.commit !== null && <Key name={t("commit")} value={run.commit} length={10} />}
        {run.commit === null && run.revision !== null && (
          <Key name={t("revision")} value={run.revision} length={16} />
        )}
        <Fact name={t("python")}>{spec.pythonVersion ?? t("pythonUsual")}</Fact>
        {lockfile && <Key name={t("lockfile")} value={lockfile} length={12} />}
        <Times run={run} />
        {spec.timeoutSeconds !== null && (
          <Fact name={t("timeout")}>
            <Duration seconds={spec.timeoutSeconds} />
          </Fact>
        )}
        {run.route !== null && <Fact name={t("route")}>{run.route}</Fact>}
      </dl>
    </Disclosure>
  );
}

/** Whether a container waited for the last attempt that was started; one that is made for it is nothing to tell. */
function StartKind({ run }: { run: Run }) {
  const { t } = useTranslation("run");
  const last = run.attempts.findLast((attempt) => attempt.start_kind !== null);
  const told = [last?.start_kind === "standby" && t("standby"), last?.oci_runtime].filter(Boolean);
  return told.length > 0 && <Fact name={t("startKind")}>{told.join(" · ")}</Fact>;
}

/** Less is the ordinary course of things. */
const NOTEWORTHY_SECONDS = 1;

function Times({ run }: { run: Run }) {
  const { t } = useTranslation("run");
  const waited = run.attempts.findLast((attempt) => attempt.waited_seconds !== null)?.waited_seconds ?? 0;
  return (
    <>
      <Fact name={t("created")}>
        <Moment at={run.created_at} />
      </Fact>
      {run.started_at !== null && (
        <Fact name={t("started")}>
          <Moment at={run.started_at} />
        </Fact>
      )}
      {run.finished_at !== null && (
        <Fact name={t("finished")}>
          <Moment at={run.finished_at} />
        </Fact>
      )}
      {waited >= NOTEWORTHY_SECONDS && (
        <Fact name={t("waited")}>
          <Duration seconds={waited} />
        </Fact>
      )}
      {run.setup_seconds !== null && run.setup_seconds >= NOTEWORTHY_SECONDS && (
        <Fact name={t("madeReady")}>
          <Duration seconds={run.setup_seconds} /> <SetupParts run={run} />
        </Fact>
      )}
      <StartKind run={run} />
      {run.started_at !== null && (
        <Fact name={t("took")}>
          <Elapsed from={run.started_at} to={run.finished_at} />
        </Fact>
      )}
    </>
  );
}

/** A long key: its beginning to read, the whole to copy. */
function Key({ name, value, length }: { name: string; value: string; length: number }) {
  const { t } = useTranslation("general");
  return (
    <Fact name={name}>
      <span className={styles.key}>
        <code title={value}>{value.slice(0, length)}</code>
        <CopyButton text={value} label={`${t("copy")}: ${name}`} doneLabel={t("copied")} />
      </span>
    </Fact>
  );
}

/** What of its setup was noteworthy: resolving, installing, starting. */
function SetupParts({ run }: { run: Run }) {
  const { t } = useTranslation("run");
  const { language } = usePreferences();
  const last = run.attempts.findLast((attempt) => attempt.setup_seconds !== null);
  const parts = (["lock", "build", "start"] as const).flatMap((part) => {
    const seconds = last?.[`${part}_seconds`] ?? 0;
    return seconds >= NOTEWORTHY_SECONDS
      ? [t(`setup.${part}`, { duration: durationText(seconds, language) })]
      : [];
  });
  return parts.length > 0 && <span className={styles.detail}>{parts.join(", ")}</span>;
}
