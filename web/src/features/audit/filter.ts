import { actionsOf } from "./actions";

/** What narrows the audit log; it stands in the URL. */
export interface AuditFilter {
  actor?: string;
  /** An action, or a kind of them: `secret.used`, `secret`. */
  action?: string;
  target?: string;
  pipeline?: string;
  /** The first and the last day, `2026-11-26`, in the zone that times are shown in. */
  from?: string;
  to?: string;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** Read a filter from an address; what can't be right is left out. */
export function readAuditFilter(search: Record<string, unknown>): AuditFilter {
  const text = (name: string) => {
    const value = search[name];
    return typeof value === "string" || typeof value === "number" ? String(value).trim() : "";
  };
  const day = (name: string) =>
    DAY.test(text(name)) && !Number.isNaN(Date.parse(text(name))) ? text(name) : "";
  const action = actionsOf(text("action")).length > 0 ? text("action") : "";
  return without({
    actor: text("actor"),
    action,
    target: text("target"),
    pipeline: text("pipeline"),
    from: day("from"),
    to: day("to"),
  });
}

/** Leave out what says nothing. */
export function without(filter: Record<keyof AuditFilter, string>): AuditFilter {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== ""));
}

/** Return the question to the API that a filter is. */
export function questionOf(filter: AuditFilter, zone: "local" | "utc") {
  return {
    ...(filter.actor && { actor: filter.actor }),
    ...(filter.action && { action: actionsOf(filter.action) }),
    ...(filter.target && { target: filter.target }),
    ...(filter.pipeline && { pipeline_name: filter.pipeline }),
    ...(filter.from && { at_from: beginningOf(filter.from, zone, 0) }),
    ...(filter.to && { at_before: beginningOf(filter.to, zone, 1) }),
  };
}

/** Return the moment at which a day begins, or one that is some days later. */
function beginningOf(day: string, zone: "local" | "utc", daysLater: number): string {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  const moment =
    zone === "utc"
      ? new Date(Date.UTC(year, month - 1, date + daysLater))
      : new Date(year, month - 1, date + daysLater);
  return moment.toISOString();
}
