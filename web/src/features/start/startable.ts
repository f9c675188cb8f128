import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { useRefusal } from "@/components/permissions";
import { errorOf } from "@/components/pipeline_error";

export type Startable = Pick<
  Schemas["PipelineView"],
  "is_enabled" | "is_valid" | "valid_revision" | "problems"
>;

/** Say why a pipeline can't be started, by whoever looks or as it is; `null`: it can. */
export function useStartRefusal(pipeline: Startable | undefined): string | null {
  const { t } = useTranslation("start");
  const notAllowed = useRefusal("start_run");
  if (notAllowed !== null || pipeline === undefined) return notAllowed;
  if (!pipeline.is_enabled) return t("disabled");
  if (pipeline.is_valid || pipeline.valid_revision !== null) return null;
  return t("invalid", { reason: errorOf(pipeline) });
}

/** Which revision a start is for: an invalid one is never run, the last valid one can be. */
export function revisionOf(pipeline: Startable): "current" | "last_valid" {
  return !pipeline.is_valid && pipeline.valid_revision !== null ? "last_valid" : "current";
}
