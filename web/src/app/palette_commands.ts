import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { pipelinesQuery } from "@/features/pipelines/queries";
import { changePreferences, usePreferences } from "@/preferences";
import { PLACES } from "./places";

/** Something that the palette can do. */
export interface Command {
  id: string;
  label: string;
  run: () => void;
}

const MOST_PIPELINES = 20;
const RUN_ID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;

/** The commands that fit what was typed, in groups. */
export function useCommandGroups(text: string): { label: string; items: Command[] }[] {
  const { t } = useTranslation("shell");
  const wanted = text.trim().toLowerCase();
  const groups = [
    { label: t("groups.runs"), items: useRunCommands(wanted) },
    { label: t("groups.pages"), items: fitting(usePlaceCommands(), wanted) },
    {
      label: t("groups.pipelines"),
      items: fitting(usePipelineCommands(), wanted).slice(0, MOST_PIPELINES),
    },
    { label: t("groups.preferences"), items: fitting(usePreferenceCommands(), wanted) },
  ];
  return groups.filter(({ items }) => items.length > 0);
}

/** Keep what has every word that was typed; those that begin with it come first. */
export function fitting(commands: Command[], wanted: string): Command[] {
  const parts = wanted.split(/\s+/);
  const rank = ({ label }: Command) => (label.toLowerCase().startsWith(wanted) ? 0 : 1);
  return commands
    .filter(({ label }) => parts.every((part) => label.toLowerCase().includes(part)))
    .sort((one, other) => rank(one) - rank(other));
}

function usePlaceCommands(): Command[] {
  const { t } = useTranslation("shell");
  const navigate = useNavigate();
  return PLACES.map(({ to, name }) => ({
    id: `place ${name}`,
    label: t(`places.${name}`),
    run: () => void navigate({ to }),
  }));
}

function useRunCommands(wanted: string): Command[] {
  const { t } = useTranslation("shell");
  const navigate = useNavigate();
  if (!RUN_ID.test(wanted)) return [];
  return [
    {
      id: "run",
      label: t("openRun", { id: wanted }),
      run: () => void navigate({ to: "/runs/$runId", params: { runId: wanted } }),
    },
  ];
}

function usePipelineCommands(): Command[] {
  const { t } = useTranslation("shell");
  const navigate = useNavigate();
  const { data } = useQuery(pipelinesQuery);
  return (data?.pipelines ?? []).flatMap(({ name }) => [
    {
      id: `pipeline ${name}`,
      label: name,
      run: () => void navigate({ to: "/pipelines/$name", params: { name } }),
    },
    {
      id: `start ${name}`,
      label: t("startPipeline", { name }),
      run: () => void navigate({ to: "/pipelines/$name", params: { name }, search: { start: true } }),
    },
  ]);
}

function usePreferenceCommands(): Command[] {
  const { t } = useTranslation("shell");
  const { zone, language } = usePreferences();
  const localZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const themes = (["light", "dark", "system"] as const).map((theme) => ({
    id: `theme ${theme}`,
    label: `${t("theme")}: ${t(`themes.${theme}`)}`,
    run: () => changePreferences({ theme }),
  }));
  const otherZone = zone === "utc" ? "local" : "utc";
  return [
    ...themes,
    {
      id: "zone",
      label: `${t("zone")}: ${t(`zones.${otherZone}`, { zone: localZone })}`,
      run: () => changePreferences({ zone: otherZone }),
    },
    {
      id: "language",
      label: language === "de" ? "English" : "Deutsch",
      run: () => changePreferences({ language: language === "de" ? "en" : "de" }),
    },
  ];
}
