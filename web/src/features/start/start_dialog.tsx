import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ask, client, type Schemas } from "@/api/client";
import { Problem } from "@/api/problem";
import { Loaded, Trouble } from "@/components/loaded";
import { errorOf } from "@/components/pipeline_error";
import { pipelineQuery } from "@/components/pipeline_query";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Skeleton } from "@/ui/notice";
import { LikeRun } from "./like_run";
import { givenQuery } from "./queries";
import type { Json } from "./schema";
import styles from "./start.module.css";
import { type Given, StartFields } from "./start_fields";
import { revisionOf, useStartRefusal } from "./startable";

interface StartDialogProps {
  pipelineName: string;
  /** The run to start another one like. */
  like?: string | null;
  onClose: () => void;
}

/** Starts a run with what is asked for, and goes to it. */
export function StartDialog({ pipelineName, like = null, onClose }: StartDialogProps) {
  const { t } = useTranslation(["start", "general"]);
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const waiting = useRef<HTMLDivElement>(null);
  const navigate = useNavigate();
  const query = useQuery(pipelineQuery(pipelineName));
  const pipeline = query.data;
  const isLoaded = pipeline !== undefined;
  const refused = useStartRefusal(pipeline);
  const start = useMutation({
    mutationFn: (given: Given) =>
      ask(
        client.POST("/api/pipelines/{name}/run", {
          params: { path: { name: pipelineName } },
          body: { ...given, revision: pipeline ? revisionOf(pipeline) : "current" },
        }),
      ),
    onSuccess: (run) => navigate({ to: "/runs/$runId", params: { runId: run.id } }),
  });
  const isLastValid = pipeline && revisionOf(pipeline) === "last_valid";
  // Not on a button that can't start yet: an Enter would be lost, and nothing would say so.
  useEffect(() => {
    if (isLoaded && document.activeElement === waiting.current) button.current?.focus();
  }, [isLoaded]);
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t("title", { name: pipelineName })}
      closeLabel={t("general:close")}
      initialFocus={isLoaded ? button : waiting}
      actions={
        <>
          <Button onClick={onClose}>{t("general:cancel")}</Button>
          <Button
            ref={button}
            kind="primary"
            type="submit"
            form={id}
            isBusy={start.isPending || !isLoaded}
            refused={refused}
          >
            {t(isLastValid ? "startLastValid" : "start")}
          </Button>
        </>
      }
    >
      <div ref={waiting} tabIndex={-1} className={styles.waiting}>
        <Loaded query={query}>
          {(loaded) => (
            <StartForm
              id={id}
              pipeline={loaded}
              like={like}
              problem={start.error ? asProblem(start.error) : null}
              onSubmit={(given) => {
                if (!start.isPending) start.mutate(given);
              }}
            />
          )}
        </Loaded>
      </div>
    </Dialog>
  );
}

const asProblem = (error: Error) =>
  error instanceof Problem ? error : new Problem({ code: "unknown", status: 0, detail: error.message });

interface StartFormProps {
  id: string;
  pipeline: Schemas["PipelineView"];
  like: string | null;
  problem: Problem | null;
  onSubmit: (given: Given) => void;
}

function StartForm({ id, pipeline, like, problem, onSubmit }: StartFormProps) {
  const { t } = useTranslation(["start", "general"]);
  const [runId, setRunId] = useState(like);
  const given = useQuery(givenQuery(runId));
  const spec = runId !== null ? given.data?.spec : undefined;
  return (
    <>
      {revisionOf(pipeline) === "last_valid" && (
        <div className={styles.notice}>
          <strong>{t("invalidNow")}</strong>
          <p>
            {t("invalidNowHint", {
              reason: errorOf(pipeline),
              revision: pipeline.valid_revision?.slice(0, 12) ?? "",
            })}
          </p>
        </div>
      )}
      <LikeRun pipelineName={pipeline.name} runId={runId} onChoose={setRunId} />
      {runId !== null && given.error && <Trouble error={given.error} onRetry={() => void given.refetch()} />}
      {runId !== null && given.isPending ? (
        <Skeleton rows={3} label={t("general:loading")} />
      ) : (
        <StartFields
          key={spec ? runId : "defaults"}
          id={id}
          schema={pipeline.manifest?.parameters as Json | undefined}
          given={
            spec
              ? {
                  parameters: (spec.given_parameters ?? {}) as Given["parameters"],
                  env_vars: (spec.variables ?? {}) as Given["env_vars"],
                }
              : null
          }
          problem={problem}
          onSubmit={onSubmit}
        />
      )}
    </>
  );
}
