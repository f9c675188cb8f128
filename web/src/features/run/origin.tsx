import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { Moment } from "@/components/time";
import { Fact, RunLink, shortId } from "./fact";
import styles from "./facts.module.css";

type Run = Schemas["RunDetail"];
type Cause = NonNullable<Run["cause"]>;

/** What made the run exist, and what it made exist. */
export function Origin({ run }: { run: Run }) {
  const { t } = useTranslation(["run", "general"]);
  return (
    <>
      <Fact name={t("trigger")}>{t(`general:trigger.${run.trigger}`)}</Fact>
      {run.cause?.triggered_by && (
        <Fact name={t("startedBy")}>
          <Person by={run.cause.triggered_by} />
        </Fact>
      )}
      {run.retry_of !== null && (
        <Fact name={t("repeats")}>
          <RunLink id={run.retry_of}>{t("shortId", { id: shortId(run.retry_of) })}</RunLink>
        </Fact>
      )}
      <Because run={run} />
      {run.downstream.length > 0 && (
        <Fact name={t("downstream")}>
          <ul className={styles.runs}>
            {run.downstream.map((started) => (
              <li key={started.id}>
                <RunLink id={started.id} status={started.status}>
                  {started.pipeline_name}
                </RunLink>
              </li>
            ))}
          </ul>
        </Fact>
      )}
    </>
  );
}

/** The occurrence, delivery or run that asked for it; a request has nothing more to tell. */
function Because({ run }: { run: Run }) {
  switch (run.cause?.kind) {
    case "schedule":
      return <Occurrence pipeline={run.pipeline_name} cause={run.cause} />;
    case "webhook":
      return <Delivery cause={run.cause} />;
    case "upstream":
      return <Upstream cause={run.cause} />;
    default:
      return null;
  }
}

type CauseOf<K extends Cause["kind"]> = Extract<Cause, { kind: K }>;

function Occurrence({ pipeline, cause }: { pipeline: string; cause: CauseOf<"schedule"> }) {
  const { t } = useTranslation("run");
  return (
    <>
      <Fact name={t("schedule")}>
        <Link
          to="/pipelines/$name"
          params={{ name: pipeline }}
          search={{ tab: "schedules", schedule: cause.schedule_id }}
        >
          {cause.schedule_key}
        </Link>{" "}
        <Aside>{cause.rule}</Aside>
      </Fact>
      <Fact name={t("due")}>
        <Moment at={cause.due_at} />
        {cause.is_late && <Aside>{t("caughtUp")}</Aside>}
        {cause.coalesced > 0 && <Aside>{t("standsFor", { count: cause.coalesced })}</Aside>}
      </Fact>
    </>
  );
}

function Delivery({ cause }: { cause: CauseOf<"webhook"> }) {
  const { t } = useTranslation("run");
  return (
    <Fact name={t("delivery")}>
      <code>{cause.delivery_id}</code>
      {cause.remote !== null && <Aside>{t("from", { address: cause.remote })}</Aside>}
    </Fact>
  );
}

function Upstream({ cause }: { cause: CauseOf<"upstream"> }) {
  const { t } = useTranslation("run");
  return (
    <Fact name={t("upstream")}>
      <RunLink id={cause.run_id} status={cause.status}>
        {cause.pipeline_name}
      </RunLink>
      {cause.route && <Aside>{t("byRoute", { route: cause.route })}</Aside>}
    </Fact>
  );
}

function Person({ by }: { by: Schemas["TriggeredBy"] }) {
  const { t } = useTranslation("run");
  if (by.kind === "token") return t("token", { name: by.name });
  return by.kind === "local" ? t("startedLocally") : by.name;
}

const Aside = ({ children }: { children: ReactNode }) => <span className={styles.detail}>{children}</span>;
