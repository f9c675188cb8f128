import type { Schemas } from "@/api/client";
import type { ScheduleSearch } from "./search";

type Schedule = Schemas["ScheduleView"];

export function isFailing({ last_occurrence: last }: Schedule): boolean {
  return last?.run_status === "FAILED";
}

/** Return the schedules that there are now and that a search takes in. */
export function found(schedules: readonly Schedule[], { text, only }: ScheduleSearch): Schedule[] {
  const part = text?.toLowerCase();
  return schedules.filter((schedule) => {
    if (!schedule.is_present) return false;
    if (only === "paused" && schedule.paused_at === null) return false;
    if (only === "failing" && !isFailing(schedule)) return false;
    const { pipeline_name: name, key, rule } = schedule;
    return part === undefined || [name, key, rule].some((each) => each.toLowerCase().includes(part));
  });
}
