import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, type MouseEvent, memo, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Preferences, usePreferences } from "@/preferences";
import { durationText, momentText } from "./moment";
import styles from "./run_strip.module.css";
import type { RunStatus } from "./status";

/** A run as a strip of many shows it. */
export interface StripRun {
  id: string;
  status: RunStatus;
  created_at: string;
  duration_seconds: number | null;
}

interface RunStripProps {
  /** Newest first, as the server has them. */
  runs: readonly StripRun[];
  /** What the strip is about, such as the pipeline's name. */
  name: string;
}

/**
 * The last runs as marks, the newest at the right; height and shape tell as much as colour.
 *
 * Each mark leads to its run. The strip is one stop of the Tab key; arrows move within it.
 */
export const RunStrip = memo(function RunStrip({ runs, name }: RunStripProps) {
  const { t } = useTranslation();
  const preferences = usePreferences();
  const navigate = useNavigate();
  const marks = useMemo(() => [...runs].reverse(), [runs]);
  const [chosen, setChosen] = useState<string | null>(null);
  const stop = marks.findIndex(({ id }) => id === chosen);
  const active = stop === -1 ? marks.length - 1 : stop;

  const move = (event: KeyboardEvent<HTMLElement>) => {
    const next = { ArrowLeft: active - 1, ArrowRight: active + 1, Home: 0, End: marks.length - 1 }[event.key];
    const mark = next === undefined ? undefined : marks[next];
    if (mark === undefined) return;
    event.preventDefault();
    setChosen(mark.id);
    event.currentTarget.querySelector<HTMLElement>(`[data-run="${mark.id}"]`)?.focus();
  };
  const follow = (event: MouseEvent<HTMLElement>) => {
    const id = (event.target as HTMLElement).dataset.run;
    if (!id || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    void navigate({ to: "/runs/$runId", params: { runId: id } });
  };

  if (marks.length === 0) return null;
  return (
    // biome-ignore lint/a11y/useSemanticElements: no set of fields
    <div
      role="group"
      aria-label={t("strip", { name, count: marks.length })}
      className={styles.strip}
      onKeyDown={move}
      onClick={follow}
    >
      {marks.map((run, index) => {
        const label = labelOf(run, t(`status.${run.status}`), preferences);
        return (
          <a
            key={run.id}
            href={`/runs/${run.id}`}
            className={styles.mark}
            data-run={run.id}
            data-status={run.status}
            tabIndex={index === active ? 0 : -1}
            title={label}
          >
            {label}
          </a>
        );
      })}
    </div>
  );
});

function labelOf(run: StripRun, status: string, preferences: Preferences): string {
  const parts = [status, momentText(new Date(run.created_at), preferences, false)];
  if (run.duration_seconds !== null) parts.push(durationText(run.duration_seconds, preferences.language));
  return parts.join(" · ");
}
