import { useMutation } from "@tanstack/react-query";
import { RotateCcw } from "lucide-react";
import { useTranslation } from "react-i18next";
import { ask, client } from "@/api/client";
import { Button } from "@/ui/button";
import { announce } from "@/ui/toast";
import { useRefusal } from "./permissions";
import { announceProblem } from "./said";

interface RetryButtonProps {
  runId: string;
  pipelineName: string;
}

/** Starts the same again as a new run, and stays where one is. */
export function RetryButton({ runId, pipelineName }: RetryButtonProps) {
  const { t } = useTranslation();
  const retry = useMutation({
    mutationFn: () =>
      ask(
        client.POST("/api/runs/{run_id}/retry", {
          params: { path: { run_id: runId } },
          body: { revision: "same" },
        }),
      ),
    onSuccess: () => announce(t("startedAgain", { pipeline: pipelineName })),
    onError: announceProblem,
  });
  return (
    <Button
      icon={<RotateCcw aria-hidden />}
      isBusy={retry.isPending}
      refused={useRefusal("retry_run")}
      aria-label={t("startAgainOf", { pipeline: pipelineName })}
      onClick={() => retry.mutate()}
    >
      {t("startAgain")}
    </Button>
  );
}
