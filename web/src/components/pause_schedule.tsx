import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Pause, Play } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ask, client, type Schemas } from "@/api/client";
import { Button } from "@/ui/button";
import { Field, TextArea, TextInput } from "@/ui/field";
import { announce } from "@/ui/toast";
import { FormDialog } from "./form_dialog";
import { textOrNull } from "./form_values";
import { meQuery, useRefusal } from "./permissions";
import { announceProblem } from "./said";

type Schedule = Schemas["ScheduleView"];

/** Pauses a schedule, with the reason and whose decision it is, or ends its pause. */
export function PauseButton({ schedule }: { schedule: Schedule }) {
  return schedule.paused_at === null ? <Pausing schedule={schedule} /> : <ResumeButton schedule={schedule} />;
}

/** How people call a schedule: the pipeline's name, and its own where it has one. */
export function scheduleName({
  pipeline_name: pipeline,
  key,
}: Pick<Schedule, "pipeline_name" | "key">): string {
  return key === "default" ? pipeline : `${pipeline} / ${key}`;
}

/** Schedules are read anew at once, also where the stream of events is broken off. */
function useRefresh(): () => void {
  const queryClient = useQueryClient();
  return () => void queryClient.invalidateQueries({ queryKey: ["schedules"] });
}

function Pausing({ schedule }: { schedule: Schedule }) {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  const refused = useRefusal("pause_schedule");
  const me = useQuery(meQuery).data?.name ?? "";
  const refresh = useRefresh();
  const name = scheduleName(schedule);
  return (
    <>
      <Button
        kind="quiet"
        icon={<Pause aria-hidden />}
        refused={refused ?? (schedule.is_present ? null : t("pausing.gone"))}
        aria-label={t("pausing.pauseOf", { name })}
        onClick={() => setOpen(true)}
      >
        {t("pausing.pause")}
      </Button>
      <FormDialog
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        title={t("pausing.pauseOf", { name })}
        verb={t("pausing.pause")}
        submit={(values) =>
          ask(
            client.POST("/api/schedules/{schedule_id}/pause", {
              params: { path: { schedule_id: schedule.id } },
              body: { reason: textOrNull(values, "reason"), by: textOrNull(values, "by") },
            }),
          )
        }
        onDone={() => {
          announce(t("pausing.paused", { name }));
          refresh();
        }}
      >
        {(errors) => (
          <>
            <p>{t("pausing.hint")}</p>
            <Field label={t("pausing.reason")} hint={t("pausing.reasonHint")} error={errors.reason}>
              <TextArea name="reason" maxLength={1000} />
            </Field>
            <Field label={t("pausing.by")} hint={t("pausing.byHint")} error={errors.by}>
              <TextInput name="by" maxLength={200} defaultValue={me} autoComplete="off" />
            </Field>
          </>
        )}
      </FormDialog>
    </>
  );
}

function ResumeButton({ schedule }: { schedule: Schedule }) {
  const { t } = useTranslation();
  const refused = useRefusal("resume_schedule");
  const refresh = useRefresh();
  const name = scheduleName(schedule);
  const resume = useMutation({
    mutationFn: () =>
      ask(
        client.POST("/api/schedules/{schedule_id}/resume", {
          params: { path: { schedule_id: schedule.id } },
        }),
      ),
    onSuccess: () => {
      announce(t("pausing.resumed", { name }));
      refresh();
    },
    onError: announceProblem,
  });
  return (
    <Button
      kind="quiet"
      icon={<Play aria-hidden />}
      refused={refused}
      isBusy={resume.isPending}
      aria-label={t("pausing.resumeOf", { name })}
      onClick={() => resume.mutate()}
    >
      {t("pausing.resume")}
    </Button>
  );
}
