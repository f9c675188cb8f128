import { useMutation, useQueryClient } from "@tanstack/react-query";
import { FlaskConical, RefreshCw } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useRefusal } from "@/components/permissions";
import { announceProblem, Said } from "@/components/said";
import { Moment } from "@/components/time";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { KeyValues } from "@/ui/key_values";
import { Section } from "@/ui/page";
import { Commit } from "./commit";
import { PlanDialog } from "./plan_dialog";
import {
  type Plan,
  planSync,
  type Repository,
  type RepositoryStatus,
  refreshRepositories,
  startSync,
} from "./queries";
import { RepositoryMenu } from "./repository_menu";
import { type RepositoryState, STEPS, stateOf, TONES } from "./state";
import styles from "./sync.module.css";

interface RepositoryPanelProps {
  status: RepositoryStatus;
  repository: Repository | undefined;
}

const onError = announceProblem;

/** One repository: in step or not and why, its commit, and what can be done. */
export function RepositoryPanel({ status, repository }: RepositoryPanelProps) {
  const { t } = useTranslation("sync");
  const queryClient = useQueryClient();
  const [plans, setPlans] = useState<Plan[] | null>(null);
  const name = status.repository;
  const refused = useRefusal("start_sync");
  const syncing = useMutation({
    mutationFn: () => startSync(name),
    onError,
    onSettled: () => refreshRepositories(queryClient),
  });
  const planning = useMutation({ mutationFn: () => planSync(name), onSuccess: setPlans, onError });
  const state = stateOf(status);
  return (
    <Section
      title={name}
      actions={
        <div className={styles.actions}>
          <Button
            icon={<FlaskConical />}
            refused={refused}
            isBusy={planning.isPending}
            onClick={() => planning.mutate()}
          >
            {t("dryRun")}
          </Button>
          <Button
            icon={<RefreshCw />}
            refused={refused}
            isBusy={syncing.isPending}
            onClick={() => syncing.mutate()}
          >
            {t("syncNow")}
          </Button>
          {repository && <RepositoryMenu repository={repository} />}
        </div>
      }
    >
      <div className={styles.panel}>
        <p className={styles.sentence}>
          <Badge tone={TONES[state]}>{t(`state.${state}`)}</Badge>
          <span className={styles.aside}>{status.url}</span>
        </p>
        <Steps state={state} />
        {state === "failed" && (
          <p className={styles.problem}>
            <Said code={status.last_sync?.code} text={status.last_sync?.message ?? ""} />
          </p>
        )}
        <Facts status={status} repository={repository} />
      </div>
      <PlanDialog plans={plans} onClose={() => setPlans(null)} />
    </Section>
  );
}

/** How far a sync is that goes on. */
function Steps({ state }: { state: RepositoryState }) {
  const { t } = useTranslation("sync");
  const at = (STEPS as readonly string[]).indexOf(state);
  if (at < 0) return null;
  return (
    <ol className={styles.steps} aria-label={t("steps")}>
      {STEPS.map((step, index) => (
        <li key={step} data-done={index < at || undefined} aria-current={index === at ? "step" : undefined}>
          {t(`state.${step}`)}
        </li>
      ))}
    </ol>
  );
}

function Facts({ status, repository }: RepositoryPanelProps) {
  const { t } = useTranslation(["sync", "general"]);
  const invalid = status.invalid_pipelines;
  const pipelines = [
    t("pipelines", { count: status.pipelines }),
    ...(invalid > 0 ? [t("invalid", { count: invalid })] : []),
  ];
  const { checked_at, next_due_at } = status;
  return (
    <KeyValues
      facts={[
        [t("fact.commit"), status.commit && <Commit key="commit" commit={status.commit} />],
        [t("fact.brought"), status.last_success?.message],
        [t("fact.pipelines"), pipelines.join(" · ")],
        [t("fact.branch"), status.branch ?? t("defaultBranch")],
        [t("fact.folder"), repository?.subdir],
        [t("fact.looked"), checked_at ? <Moment key="at" at={checked_at} /> : t("general:notYet")],
        [t("fact.next"), next_due_at ? <Moment key="next" at={next_due_at} /> : t("onlyAsked")],
        [t("fact.failures"), status.failures > 0 ? status.failures : null],
      ]}
    />
  );
}
