import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Circle, CircleCheck } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { Button } from "@/ui/button";
import { CopyButton } from "@/ui/copy_button";
import { Section } from "@/ui/page";
import styles from "./first_start.module.css";
import { automationQuery } from "./queries";

const HIDDEN_KEY = "fastflow.guide.hidden";
const ADD_PIPELINE = "fastflow new hello";
const START = "fastflow trigger hello --follow";
const SCHEDULE = '{ "schedule_cron": "0 6 * * *", "timezone": "Europe/Berlin" }';
const CONNECT = "fastflow repositories add pipelines https://github.com/you/pipelines.git";

/** Three steps for a server that is new; each ticks itself off. It goes when all are done, or when told to. */
export function FirstStart({ overview }: { overview: Schemas["OverviewView"] }) {
  const { t } = useTranslation("home");
  const [isHidden, setHidden] = useState(() => localStorage.getItem(HIDDEN_KEY) !== null);
  const isOver = isHidden && !overview.is_empty;
  const automation = useQuery({ ...automationQuery, enabled: !isOver });
  const isAutomated = automation.data === true;
  if (isOver || automation.isPending || (!overview.is_empty && isAutomated)) return null;
  const hide = () => {
    localStorage.setItem(HIDDEN_KEY, "1");
    setHidden(true);
  };
  return (
    <Section
      title={t("guide.title")}
      actions={
        !overview.is_empty && (
          <Button kind="quiet" onClick={hide}>
            {t("guide.hide")}
          </Button>
        )
      }
    >
      <ol className={styles.steps}>
        <Step title={t("guide.pipeline")} isDone={overview.has_pipelines} commands={[ADD_PIPELINE]}>
          {t("guide.pipelineHint")}
        </Step>
        <Step title={t("guide.run")} isDone={overview.has_runs} commands={[START]}>
          {t("guide.runHint")}{" "}
          {overview.has_pipelines && <Link to="/pipelines">{t("guide.toPipelines")}</Link>}
        </Step>
        <Step title={t("guide.automate")} isDone={isAutomated} commands={[SCHEDULE, CONNECT]}>
          {t("guide.automateHint")} <Link to="/schedules">{t("guide.toSchedules")}</Link>
        </Step>
      </ol>
    </Section>
  );
}

interface StepProps {
  title: string;
  isDone: boolean;
  commands: readonly string[];
  children: ReactNode;
}

function Step({ title, isDone, commands, children }: StepProps) {
  const { t } = useTranslation(["home", "general"]);
  return (
    <li className={styles.step} data-done={isDone || undefined}>
      {isDone ? <CircleCheck aria-hidden /> : <Circle aria-hidden />}
      <div className={styles.words}>
        <h3>
          {title} {isDone && <span className={styles.done}>{t("guide.done")}</span>}
        </h3>
        {!isDone && (
          <>
            <p>{children}</p>
            {commands.map((command) => (
              <div key={command} className={styles.command}>
                <code>{command}</code>
                <CopyButton
                  text={command}
                  label={t("guide.copy", { command })}
                  doneLabel={t("general:copied")}
                />
              </div>
            ))}
          </>
        )}
      </div>
    </li>
  );
}
