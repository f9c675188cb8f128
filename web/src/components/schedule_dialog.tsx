import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { ask, client, type Schemas } from "@/api/client";
import { Field, Select, TextInput } from "@/ui/field";
import { announce } from "@/ui/toast";
import { type FieldErrors, FormDialog } from "./form_dialog";
import { numberOrNull, textOf, textOrNull } from "./form_values";
import { scheduleName } from "./pause_schedule";
import { SchedulePreview, type Wish } from "./schedule_preview";

type Schedule = Schemas["ScheduleView"];

interface ScheduleDialogProps {
  isOpen: boolean;
  onClose: () => void;
  /** The one to change; none: a new one is made. */
  schedule?: Schedule;
  /** Of which a new one is made; none: it is asked for. */
  pipelineName?: string;
}

const CATCH_UPS = ["none", "last", "all"] as const;
const ZONES = Intl.supportedValuesOf("timeZone");

/** Makes a schedule, or changes one that was made here; says meanwhile what it would do. */
export function ScheduleDialog({ isOpen, onClose, schedule, pipelineName }: ScheduleDialogProps) {
  const { t } = useTranslation(["schedules", "general"]);
  const submit = async (values: FormData): Promise<Schedule> => {
    const fields = fieldsOf(values);
    if (schedule) {
      const params = { path: { schedule_id: schedule.id } };
      return ask(client.PATCH("/api/schedules/{schedule_id}", { params, body: fields }));
    }
    const params = { path: { name: pipelineName ?? textOf(values, "pipeline") } };
    const id = textOrNull(values, "id") ?? "default";
    return ask(client.POST("/api/pipelines/{name}/schedules", { params, body: { id, ...fields } }));
  };
  return (
    <FormDialog
      isOpen={isOpen}
      onClose={onClose}
      title={schedule ? t("editOf", { name: scheduleName(schedule) }) : t("make")}
      verb={schedule ? t("general:save") : t("make")}
      isWide
      submit={submit}
      onDone={(made) => announce(t(schedule ? "changed" : "made", { name: scheduleName(made) }))}
    >
      {(errors) => <Fields errors={errors} schedule={schedule} pipelineName={pipelineName} />}
    </FormDialog>
  );
}

/** Return what a form says as the API takes it; null takes a field out. */
function fieldsOf(values: FormData): Schemas["ScheduleFields"] {
  const isCron = textOf(values, "kind") === "cron";
  const catchUp = CATCH_UPS.find((each) => each === textOf(values, "catch_up")) ?? null;
  const minutes = numberOrNull(values, "minutes");
  return {
    schedule_cron: isCron ? textOf(values, "cron").trim() : null,
    schedule_interval_seconds: isCron || minutes === null ? null : Math.round(minutes * 60),
    timezone: textOrNull(values, "timezone"),
    catch_up: catchUp,
    catch_up_limit: catchUp === "all" ? numberOrNull(values, "catch_up_limit") : null,
  };
}

interface FieldsProps {
  errors: FieldErrors;
  schedule: Schedule | undefined;
  pipelineName: string | undefined;
}

function Fields({ errors, schedule, pipelineName }: FieldsProps) {
  const { t } = useTranslation("schedules");
  const written = schedule?.definition ?? {};
  const seconds = written.schedule_interval_seconds;
  const [kind, setKind] = useState(typeof seconds === "number" ? "interval" : "cron");
  const [cron, setCron] = useState(
    typeof written.schedule_cron === "string" ? written.schedule_cron : "0 6 * * *",
  );
  const [minutes, setMinutes] = useState(typeof seconds === "number" ? String(seconds / 60) : "60");
  const [zone, setZone] = useState(typeof written.timezone === "string" ? written.timezone : "");
  const [catchUp, setCatchUp] = useState<string>(schedule?.catch_up ?? "last");
  const wish: Wish = { cron, zone, everySeconds: kind === "cron" ? null : Math.round(Number(minutes) * 60) };
  return (
    <>
      {!schedule && !pipelineName && <PipelineField />}
      {!schedule && (
        <Field label={t("id")} hint={t("idHint")} error={errors.id}>
          <TextInput name="id" defaultValue="default" required maxLength={64} spellCheck={false} />
        </Field>
      )}
      <Field label={t("kind")}>
        <Select name="kind" value={kind} onChange={(event) => setKind(event.target.value)}>
          <option value="cron">{t("kinds.cron")}</option>
          <option value="interval">{t("kinds.interval")}</option>
        </Select>
      </Field>
      {kind === "cron" ? (
        <Field label={t("cron")} hint={t("cronHint")} error={errors.schedule_cron}>
          <TextInput
            name="cron"
            value={cron}
            required
            spellCheck={false}
            onChange={(event) => setCron(event.target.value)}
          />
        </Field>
      ) : (
        <Field label={t("minutes")} error={errors.schedule_interval_seconds}>
          <TextInput
            name="minutes"
            type="number"
            min={0.1}
            step="any"
            value={minutes}
            required
            onChange={(event) => setMinutes(event.target.value)}
          />
        </Field>
      )}
      <Field label={t("zone")} hint={t("zoneHint")} error={errors.timezone}>
        <TextInput
          name="timezone"
          list="time-zones"
          value={zone}
          placeholder={Intl.DateTimeFormat().resolvedOptions().timeZone}
          spellCheck={false}
          onChange={(event) => setZone(event.target.value)}
        />
      </Field>
      <datalist id="time-zones">
        {ZONES.map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
      <Field label={t("catchUp")} hint={t("catchUpHint")} error={errors.catch_up}>
        <Select name="catch_up" value={catchUp} onChange={(event) => setCatchUp(event.target.value)}>
          {CATCH_UPS.map((each) => (
            <option key={each} value={each}>
              {t(`catchUps.${each}`)}
            </option>
          ))}
        </Select>
      </Field>
      {catchUp === "all" && (
        <Field label={t("catchUpLimit")} error={errors.catch_up_limit}>
          <TextInput
            name="catch_up_limit"
            type="number"
            min={1}
            defaultValue={schedule?.catch_up_limit ?? ""}
          />
        </Field>
      )}
      <SchedulePreview wish={useSettled(wish)} />
    </>
  );
}

function PipelineField() {
  const { t } = useTranslation("schedules");
  const { data } = useQuery({
    queryKey: ["pipelines"],
    queryFn: ({ signal }) => ask(client.GET("/api/pipelines", { signal })),
  });
  return (
    <Field label={t("pipeline")} hint={t("pipelineHint")}>
      <Select name="pipeline" required>
        {data?.pipelines.map(({ name }) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </Select>
    </Field>
  );
}

const PAUSE_MS = 300;

/** Return what is wished once the typing pauses. */
function useSettled(wish: Wish): Wish {
  const text = JSON.stringify(wish);
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return JSON.parse(settled) as Wish;
}
