const ONLY = ["paused", "failing"] as const;

/** What narrows the list of schedules; it stands in the URL. */
export interface ScheduleSearch {
  text?: string;
  only?: (typeof ONLY)[number];
}

/** Read it from an address; what can't be right is left out. */
export function readScheduleSearch(search: Record<string, unknown>): ScheduleSearch {
  const text = typeof search.text === "number" ? String(search.text) : search.text;
  const only = ONLY.find((each) => each === search.only);
  return { ...(typeof text === "string" && text && { text }), ...(only && { only }) };
}
