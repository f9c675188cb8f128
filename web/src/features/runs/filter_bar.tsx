import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ask, client } from "@/api/client";
import { momentText } from "@/components/moment";
import { type RunStatus, Status } from "@/components/status";
import { usePreferences } from "@/preferences";
import { Button } from "@/ui/button";
import { ChipToggle, ChipTrigger, Clearable } from "@/ui/chip";
import { Menu, MenuChoice } from "@/ui/menu";
import { Pick } from "@/ui/pick";
import { SearchInput } from "@/ui/search_input";
import { PERIODS, type Period, type RunFilter, STATUSES, TRIGGERS } from "./filter";
import styles from "./filter_bar.module.css";

interface FilterBarProps {
  filter: RunFilter;
  onChange: (filter: RunFilter) => void;
}

/** What narrows the list: each choice a chip. */
export function FilterBar({ filter, onChange }: FilterBarProps) {
  const { t } = useTranslation("runs");
  const isNarrowed = Object.keys(filter).length > 0;
  const toggle = (status: RunStatus) => {
    const chosen = STATUSES.filter((each) => (filter.status?.includes(each) ?? false) !== (each === status));
    onChange(chosen.length > 0 ? { ...filter, status: chosen } : without(filter, "status"));
  };
  return (
    <search className={styles.bar}>
      <div className={styles.text}>
        <SearchInput
          label={t("text")}
          hint={t("textHint")}
          text={filter.text ?? ""}
          onChange={(text) => onChange(text ? { ...filter, text } : without(filter, "text"))}
        />
      </div>
      <fieldset className={styles.chips} aria-label={t("status")}>
        {STATUSES.map((status) => (
          <ChipToggle
            key={status}
            isOn={filter.status?.includes(status) ?? false}
            onToggle={() => toggle(status)}
          >
            <Status status={status} hasWord />
          </ChipToggle>
        ))}
      </fieldset>
      <div className={styles.chips}>
        <PipelineChip filter={filter} onChange={onChange} />
        <TriggerChip filter={filter} onChange={onChange} />
        <PeriodChip filter={filter} onChange={onChange} />
        {isNarrowed && (
          <Button kind="quiet" className={styles.clear} onClick={() => onChange({})}>
            {t("clearAll")}
          </Button>
        )}
      </div>
    </search>
  );
}

function without(filter: RunFilter, ...keys: (keyof RunFilter)[]): RunFilter {
  return Object.fromEntries(Object.entries(filter).filter(([key]) => !keys.includes(key as keyof RunFilter)));
}

function PipelineChip({ filter, onChange }: FilterBarProps) {
  const { t } = useTranslation(["runs", "general"]);
  const [isAsked, setAsked] = useState(false);
  const { data } = useQuery({
    queryKey: ["pipelines", "names"],
    queryFn: ({ signal }) => ask(client.GET("/api/pipelines", { signal })),
    select: ({ pipelines }) => pipelines.map(({ name }) => name),
    enabled: isAsked,
  });
  return (
    <Clearable
      label={t("clear", { filter: t("pipeline") })}
      onClear={filter.pipeline ? () => onChange(without(filter, "pipeline")) : undefined}
    >
      <Pick
        trigger={<ChipTrigger label={t("pipeline")} value={filter.pipeline} />}
        items={data ?? []}
        value={filter.pipeline ?? null}
        label={t("findPipeline")}
        empty={data ? t("noPipeline") : t("general:loading")}
        onOpen={() => setAsked(true)}
        onPick={(pipeline) => onChange({ ...filter, pipeline })}
      />
    </Clearable>
  );
}

function TriggerChip({ filter, onChange }: FilterBarProps) {
  const { t } = useTranslation(["runs", "general"]);
  const { trigger } = filter;
  return (
    <Clearable
      label={t("clear", { filter: t("trigger") })}
      onClear={trigger ? () => onChange(without(filter, "trigger")) : undefined}
    >
      <Menu
        trigger={
          <ChipTrigger label={t("trigger")} value={trigger ? t(`general:trigger.${trigger}`) : undefined} />
        }
      >
        <MenuChoice
          label={t("trigger")}
          value={trigger ?? ("" as never)}
          choices={TRIGGERS.map((each) => [each, t(`general:trigger.${each}`)] as const)}
          onChoose={(chosen) => onChange({ ...filter, trigger: chosen })}
        />
      </Menu>
    </Clearable>
  );
}

function PeriodChip({ filter, onChange }: FilterBarProps) {
  const { t } = useTranslation("runs");
  const preferences = usePreferences();
  const { period, from, before } = filter;
  const exact = [from, before].map((each) => (each ? momentText(new Date(each), preferences, false) : "…"));
  const isExact = from !== undefined || before !== undefined;
  const open = without(filter, "period", "from", "before");
  return (
    <Clearable
      label={t("clear", { filter: t("period") })}
      onClear={period || isExact ? () => onChange(open) : undefined}
    >
      <Menu
        trigger={
          <ChipTrigger
            label={t("period")}
            value={period ? t(`periods.${period}`) : isExact ? exact.join(" – ") : undefined}
          />
        }
      >
        <MenuChoice
          label={t("period")}
          value={period ?? ("" as never)}
          choices={(Object.keys(PERIODS) as Period[]).map((each) => [each, t(`periods.${each}`)] as const)}
          onChoose={(chosen) => onChange({ ...open, period: chosen })}
        />
      </Menu>
    </Clearable>
  );
}
