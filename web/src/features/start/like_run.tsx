import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { momentText } from "@/components/moment";
import { usePreferences } from "@/preferences";
import { Field, Select } from "@/ui/field";
import { lastRunsQuery } from "./queries";

interface LikeRunProps {
  pipelineName: string;
  runId: string | null;
  onChoose: (runId: string | null) => void;
}

/** Chooses an earlier run whose parameters and variables are taken over. */
export function LikeRun({ pipelineName, runId, onChoose }: LikeRunProps) {
  const { t } = useTranslation(["start", "general"]);
  const preferences = usePreferences();
  const runs = useQuery(lastRunsQuery(pipelineName)).data?.runs ?? [];
  if (runs.length === 0 && runId === null) return null;
  const isListed = runId === null || runs.some(({ id }) => id === runId);
  return (
    <Field label={t("like")} hint={t("likeHint")}>
      <Select value={runId ?? ""} onChange={(event) => onChoose(event.target.value || null)}>
        <option value="">{t("likeNone")}</option>
        {!isListed && <option value={runId ?? ""}>{runId}</option>}
        {runs.map((run) => (
          <option key={run.id} value={run.id}>
            {momentText(new Date(run.created_at), preferences)} · {t(`general:status.${run.status}`)} ·{" "}
            {t(`general:trigger.${run.trigger}`)}
          </option>
        ))}
      </Select>
    </Field>
  );
}
