import type { Schemas } from "@/api/client";

type Upcoming = Schemas["UpcomingView"];

/** More often within a day, and a schedule is told as one line instead of by the hour. */
export const MOST_EACH = 25;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

export interface Hour {
  /** Its first moment, in milliseconds. */
  at: number;
  due: Upcoming[];
}

export interface Day {
  hours: Hour[];
  /** Schedules that are due so often that the hours do not list them: each by its next occurrence. */
  frequent: Upcoming[];
}

/** Sort what is due within 24 hours by the hours of the clock; `offset`: that of the zone, in milliseconds. */
export function dayOf(upcoming: readonly Upcoming[], now: number, offset: number): Day {
  const end = now + DAY;
  const within = upcoming.filter(({ due_at: at }) => Date.parse(at) <= end);
  const counts = new Map<string, number>();
  for (const { schedule_id: id } of within) counts.set(id, (counts.get(id) ?? 0) + 1);
  const hours = new Map<number, Upcoming[]>();
  const frequent = new Map<string, Upcoming>();
  for (const due of within) {
    if ((counts.get(due.schedule_id) ?? 0) >= MOST_EACH) {
      if (!frequent.has(due.schedule_id)) frequent.set(due.schedule_id, due);
      continue;
    }
    const at = Math.floor((Date.parse(due.due_at) + offset) / HOUR) * HOUR - offset;
    hours.set(at, [...(hours.get(at) ?? []), due]);
  }
  return {
    hours: [...hours].map(([at, due]) => ({ at, due })).sort((a, b) => a.at - b.at),
    frequent: [...frequent.values()],
  };
}
