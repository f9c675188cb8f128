import type { Schemas } from "@/api/client";

export type Day = Schemas["DayView"];
export const CALENDAR_DAYS = 371;
const DAY_MS = 86_400_000;

export interface Cell {
  /** ISO date, UTC. */
  day: string;
  week: number;
  /** 0: Monday. */
  weekday: number;
  /** null: no run ended on that day. */
  runs: Day | null;
}

/** Lay the last 53 weeks out, a column a week, up to and including today. */
export function calendarOf(days: readonly Day[], today: Date): Cell[] {
  const byDay = new Map(days.map((day) => [day.day, day]));
  const last = Date.UTC(today.getUTCFullYear(), today.getUTCMonth(), today.getUTCDate());
  const lastWeekday = (new Date(last).getUTCDay() + 6) % 7;
  const monday = last - (lastWeekday + 52 * 7) * DAY_MS;
  const count = Math.round((last - monday) / DAY_MS) + 1;
  return Array.from({ length: count }, (_, index) => {
    const day = new Date(monday + index * DAY_MS).toISOString().slice(0, 10);
    return { day, week: Math.floor(index / 7), weekday: index % 7, runs: byDay.get(day) ?? null };
  });
}

export type Look = "none" | "good" | "mixed" | "bad" | "other";

/** Say how a day looks: all well, some failed, all failed, or nothing that counts. */
export function lookOf(runs: Day | null): Look {
  if (runs === null) return "none";
  if (runs.failed > 0) return runs.succeeded > 0 ? "mixed" : "bad";
  return runs.succeeded > 0 ? "good" : "other";
}

/** The columns at which a month begins, each with a day of it. */
export function monthsOf(cells: readonly Cell[]): { week: number; day: string }[] {
  const months: { week: number; day: string }[] = [];
  for (const { day, week, weekday } of cells) {
    if (weekday !== 0) continue;
    const last = months.at(-1);
    if (last?.day.slice(0, 7) !== day.slice(0, 7)) months.push({ week, day });
  }
  // A month of which only the last week is there would write over the next one's name.
  return months.filter(({ week }, index) => (months[index + 1]?.week ?? 99) - week > 2);
}

export function totalOf(runs: Day): number {
  return runs.succeeded + runs.failed + runs.cancelled + runs.skipped;
}
