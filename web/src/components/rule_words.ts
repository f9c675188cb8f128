import type { TFunction } from "i18next";
import type { Schemas } from "@/api/client";
import { durationText, roughDuration } from "./moment";

type Words = TFunction<"general">;

const WEEKDAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"] as const;
const SHORT_DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const SHORT_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/** Say when a schedule is due, as people say it. What has no plain words is shown as it was written. */
export function ruleWords(
  definition: Schemas["ScheduleView"]["definition"],
  t: Words,
  language: string,
): string {
  const cron = definition.schedule_cron;
  if (typeof cron === "string") return cronWords(cron, t, language) ?? cron;
  const seconds = definition.schedule_interval_seconds;
  if (seconds === 60) return t("rule.everyMinute");
  if (seconds === 3600) return t("rule.everyHour");
  if (typeof seconds === "number") {
    const duration = seconds < 60 ? roughDuration(seconds) : durationText(seconds, language);
    return t("rule.every", { duration });
  }
  return t("rule.once", { at: String(definition.run_once_at ?? "") });
}

/** Return what a cron expression means in words; null: it is one that no short sentence says. */
export function cronWords(cron: string, t: Words, language: string): string | null {
  const [minute = "", hour = "", day = "", month = "", weekday = "", ...rest] = cron.trim().split(/\s+/);
  if (rest.length > 0 || weekday === "") return null;
  const time = timeWords(minute, hour, t, language);
  const days = dayWords(day, month, weekday, t, language);
  if (time === null || days === null) return null;
  if (days !== "") return t("rule.on", { time, days });
  return /^\d+$/.test(hour) || hour.includes(",") ? t("rule.daily", { time }) : time;
}

/** Return the numbers of a list; null: it is more than a list of numbers. */
function listOf(field: string): number[] | null {
  const parts = field.split(",");
  return parts.every((part) => /^\d{1,2}$/.test(part)) ? parts.map(Number) : null;
}

function timeWords(minute: string, hour: string, t: Words, language: string): string | null {
  const step = /^\*\/(\d+)$/.exec(minute)?.[1];
  if (hour === "*" && minute === "*") return t("rule.everyMinute");
  if (hour === "*" && step && 60 % Number(step) === 0) return t("rule.everyMinutes", { count: Number(step) });
  const minutes = listOf(minute);
  if (minutes === null) return null;
  if (hour === "*") {
    return t("rule.hourly", {
      minutes: and(
        minutes.map((each) => `:${two(each)}`),
        language,
      ),
    });
  }
  const hourStep = /^\*\/(\d+)$/.exec(hour)?.[1];
  if (hourStep && minutes.length === 1 && 24 % Number(hourStep) === 0) {
    return t("rule.everyHours", { count: Number(hourStep), minute: `:${two(minutes[0] ?? 0)}` });
  }
  const hours = listOf(hour);
  if (hours === null || minutes.length * hours.length > 6) return null;
  const times = hours.flatMap((each) => minutes.map((one) => `${two(each)}:${two(one)}`));
  return t("rule.at", { times: and(times, language) });
}

function dayWords(day: string, month: string, weekday: string, t: Words, language: string): string | null {
  if (month !== "*") return yearly(day, month, weekday, t, language);
  if (day === "*" && weekday === "*") return "";
  if (day === "*") return weekdayWords(weekday, t, language);
  // With both, cron takes the days of either: no short sentence says that well.
  const days = listOf(day);
  if (weekday !== "*" || days === null) return null;
  return t("rule.daysOfMonth", { days: and(days.map(String), language) });
}

function yearly(day: string, month: string, weekday: string, t: Words, language: string): string | null {
  const index = SHORT_MONTHS.indexOf(month.toLowerCase());
  const number = index >= 0 ? index + 1 : Number(month);
  if (weekday !== "*" || !/^\d{1,2}$/.test(day) || !(number >= 1 && number <= 12)) return null;
  return t("rule.yearly", { day, month: monthName(number, language) });
}

function monthName(number: number, language: string): string {
  return new Date(Date.UTC(2026, number - 1)).toLocaleString(language, { month: "long", timeZone: "UTC" });
}

function weekdayWords(field: string, t: Words, language: string): string | null {
  const numbered = field.toLowerCase().replace(/[a-z]+/g, (name) => String(SHORT_DAYS.indexOf(name)));
  if (numbered === "1-5") return t("rule.workdays");
  if (numbered === "0,6" || numbered === "6,0" || numbered === "6,7") return t("rule.weekend");
  const days = listOf(numbered);
  if (days === null || days.some((each) => each > 7)) return null;
  return t("rule.weekdays", {
    days: and(
      days.map((each) => t(`rule.${WEEKDAYS[each % 7] ?? "sunday"}`)),
      language,
    ),
  });
}

const two = (number: number) => String(number).padStart(2, "0");

function and(parts: string[], language: string): string {
  return new Intl.ListFormat(language, { type: "conjunction" }).format(parts);
}
