import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Ban, Ellipsis, Hash, ListRestart, RotateCw, SquarePen, Terminal } from "lucide-react";
import { useTranslation } from "react-i18next";
import { ask, client, type Schemas } from "@/api/client";
import { useRefusal } from "@/components/permissions";
import { announceProblem } from "@/components/said";
import { Button, IconButton } from "@/ui/button";
import { copyText } from "@/ui/copy_button";
import { Menu, MenuItem } from "@/ui/menu";
import { announce } from "@/ui/toast";
import { runQuery } from "./queries";
import { replayCommand } from "./replay_command";
import styles from "./run_page.module.css";
import { hasEnded } from "./sentence";

type Run = Schemas["RunDetail"];

/** What can be done with a run; what can't be is there too and says why. */
export function RunActions({ run }: { run: Run }) {
  const { t } = useTranslation("run");
  const refused = useRefusals(run);
  const { cancel, retry } = useActions(run);
  const navigate = useNavigate();
  const copy = (text: string, title: string) =>
    void copyText(text).then(() => announce(title, { description: text }));
  const startLikeIt = () =>
    void navigate({
      to: "/pipelines/$name",
      params: { name: run.pipeline_name },
      search: { start: true, like: run.id },
    });
  const wasRefused = run.outcome === "rejected";
  return (
    <div className={styles.actions}>
      {wasRefused && (
        <Button kind="primary" icon={<SquarePen />} refused={refused.start} onClick={startLikeIt}>
          {t("otherInputs")}
        </Button>
      )}
      <Button
        kind={hasEnded(run) && run.status !== "SUCCESS" && !wasRefused ? "primary" : "plain"}
        icon={<RotateCw />}
        refused={refused.retry}
        isBusy={retry.isPending && retry.variables === "same"}
        onClick={() => retry.mutate("same")}
      >
        {t("again")}
      </Button>
      <Button
        icon={<ListRestart />}
        refused={refused.retry}
        isBusy={retry.isPending && retry.variables === "latest"}
        onClick={() => retry.mutate("latest")}
      >
        {t("latest")}
      </Button>
      <Button
        kind="danger"
        icon={<Ban />}
        refused={refused.cancel}
        isBusy={cancel.isPending}
        onClick={() => cancel.mutate()}
      >
        {t("cancel")}
      </Button>
      <Menu trigger={<IconButton label={t("more")} icon={<Ellipsis />} />}>
        <MenuItem icon={<SquarePen />} refused={refused.start} onSelect={startLikeIt}>
          {t("otherInputs")}
        </MenuItem>
        <MenuItem icon={<Terminal />} onSelect={() => copy(replayCommand(run), t("commandCopied"))}>
          {t("copyCommand")}
        </MenuItem>
        <MenuItem icon={<Hash />} onSelect={() => copy(run.id, t("idCopied"))}>
          {t("copyId")}
        </MenuItem>
      </Menu>
    </div>
  );
}

/** Why each action can't be done now: by the run's state first, then by the role of who asks. */
function useRefusals(run: Run): { retry: string | null; cancel: string | null; start: string | null } {
  const { t } = useTranslation("run");
  const mayNot = { retry: useRefusal("retry_run"), cancel: useRefusal("cancel_run") };
  const isOver = hasEnded(run);
  const cancelled = isOver ? t("refused.hasEnded") : t("refused.isBeingCancelled");
  const retried = isOver ? t("refused.wasRefused") : t("refused.hasNotEnded");
  return {
    retry: mayNot.retry ?? (run.actions.retry.is_allowed ? null : retried),
    cancel: mayNot.cancel ?? (run.actions.cancel.is_allowed ? null : cancelled),
    start: useRefusal("start_run"),
  };
}

function useActions(run: Run) {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const path = { path: { run_id: run.id } };
  // It may have ended meanwhile: what is shown was not true any more.
  const onError = (error: Error) => {
    announceProblem(error);
    void queryClient.invalidateQueries(runQuery(run.id));
  };
  const cancel = useMutation({
    mutationFn: () => ask(client.POST("/api/runs/{run_id}/cancel", { params: path })),
    onSuccess: () => queryClient.invalidateQueries(runQuery(run.id)),
    onError,
  });
  const retry = useMutation({
    mutationFn: (revision: Schemas["RetryRun"]["revision"]) =>
      ask(client.POST("/api/runs/{run_id}/retry", { params: path, body: { revision } })),
    onSuccess: (again) => navigate({ to: "/runs/$runId", params: { runId: again.id } }),
    onError,
  });
  return { cancel, retry };
}
