import { Link } from "@tanstack/react-router";
import { Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ask, client, type Schemas } from "@/api/client";
import { ConfirmDialog } from "@/components/confirm_dialog";
import { PauseButton, scheduleName } from "@/components/pause_schedule";
import { useRefusal } from "@/components/permissions";
import { ruleWords } from "@/components/rule_words";
import { Said } from "@/components/said";
import { ScheduleDialog } from "@/components/schedule_dialog";
import { Status } from "@/components/status";
import { Moment } from "@/components/time";
import { usePreferences } from "@/preferences";
import { IconButton } from "@/ui/button";
import { type Column, DataTable } from "@/ui/data_table";
import { announce } from "@/ui/toast";
import styles from "./schedules.module.css";

type Schedule = Schemas["ScheduleView"];

/** Every schedule: its rule in words, what it does next and did last. */
export function ScheduleTable({ schedules }: { schedules: readonly Schedule[] }) {
  const { t } = useTranslation("schedules");
  const columns: Column<Schedule>[] = [
    { head: t("schedule"), isName: true, cell: (row) => <Name schedule={row} /> },
    { head: t("rule"), cell: (row) => <Rule schedule={row} /> },
    { head: t("next"), isText: true, cell: (row) => <Next schedule={row} /> },
    { head: t("last"), cell: (row) => <Last schedule={row} /> },
    { head: t("actions"), isActions: true, cell: (row) => <Actions schedule={row} /> },
  ];
  return <DataTable label={t("every")} columns={columns} rows={schedules} keyOf={({ id }) => id} />;
}

function Name({ schedule }: { schedule: Schedule }) {
  return (
    <Link
      to="/pipelines/$name"
      params={{ name: schedule.pipeline_name }}
      search={{ tab: "schedules", schedule: schedule.id }}
      className={styles.name}
    >
      {scheduleName(schedule)}
    </Link>
  );
}

function Rule({ schedule }: { schedule: Schedule }) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  return (
    <span title={schedule.rule}>
      {ruleWords(schedule.definition, t, language)} <span className={styles.meta}>{schedule.zone}</span>
    </span>
  );
}

function Next({ schedule }: { schedule: Schedule }) {
  const { t } = useTranslation("schedules");
  const { paused_at: pausedAt, paused_by: by, pause_reason: reason } = schedule;
  if (pausedAt !== null) {
    return (
      <>
        {t("pausedBy", { by: by ?? "" })} <Moment at={pausedAt} />
        {reason && `: ${reason}`}
      </>
    );
  }
  if (!schedule.is_active)
    return <Said code={schedule.inactive_code} text={schedule.inactive_reason ?? ""} />;
  return (
    <>
      {schedule.next_due_at && <Moment at={schedule.next_due_at} />}
      {schedule.waiting > 0 && ` · ${t("waiting", { count: schedule.waiting })}`}
    </>
  );
}

function Last({ schedule }: { schedule: Schedule }) {
  const { t } = useTranslation("schedules");
  const last = schedule.last_occurrence;
  if (last === null) return <span className={styles.meta}>{t("never")}</span>;
  const what = last.run_status ? (
    <Status status={last.run_status} hasWord />
  ) : (
    <span className={styles.meta}>{t(`fate.${last.status}`, { count: last.count })}</span>
  );
  return (
    <span className={styles.last} title={last.reason ?? undefined}>
      {last.run_id ? (
        <Link to="/runs/$runId" params={{ runId: last.run_id }} className={styles.name}>
          {what}
        </Link>
      ) : (
        what
      )}
      <span className={styles.meta}>
        <Moment at={last.due_at} />
      </span>
    </span>
  );
}

function Actions({ schedule }: { schedule: Schedule }) {
  const { t } = useTranslation(["schedules", "general"]);
  const [open, setOpen] = useState<"edit" | "delete" | null>(null);
  const close = () => setOpen(null);
  const name = scheduleName(schedule);
  const written = schedule.origin === "manifest" ? t("inManifest") : null;
  const mayEdit = useRefusal("change_schedule");
  const mayDelete = useRefusal("delete_schedule");
  return (
    <>
      <PauseButton schedule={schedule} />
      <IconButton
        label={t("editOf", { name })}
        icon={<Pencil aria-hidden />}
        refused={written ?? mayEdit}
        onClick={() => setOpen("edit")}
      />
      <IconButton
        label={t("deleteOf", { name })}
        icon={<Trash2 aria-hidden />}
        refused={written ?? mayDelete}
        onClick={() => setOpen("delete")}
      />
      <ScheduleDialog isOpen={open === "edit"} onClose={close} schedule={schedule} />
      <ConfirmDialog
        isOpen={open === "delete"}
        onClose={close}
        title={t("deleteOf", { name })}
        verb={t("general:delete")}
        act={() =>
          ask(
            client.DELETE("/api/schedules/{schedule_id}", {
              params: { path: { schedule_id: schedule.id } },
            }),
          )
        }
        onDone={() => announce(t("deleted", { name }))}
      >
        <p>{t("deleteHint")}</p>
      </ConfirmDialog>
    </>
  );
}
