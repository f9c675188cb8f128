import type { Preferences } from "@/preferences";

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

/** Write a duration as people say it: `840 ms`, `4.2 s`, `4 min 12 s`, `3 h 05 min`, `2 d 4 h`. */
export function durationText(seconds: number, language: string): string {
  const number = (value: number, digits = 0) => numbers(language, digits).format(value);
  if (seconds < 0.9995) return `${number(Math.max(seconds, 0) * 1000)} ms`;
  if (seconds < 9.95) return `${number(seconds, 1)} s`;
  const whole = Math.round(seconds);
  if (whole < MINUTE) return `${number(whole)} s`;
  if (whole < HOUR) return pair(whole, MINUTE, "min", 1, "s");
  if (whole < DAY) return pair(whole, HOUR, "h", MINUTE, "min");
  return pair(whole, DAY, "d", HOUR, "h");
}

function pair(seconds: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((seconds % large) / small);
  const first = `${Math.floor(seconds / large)} ${largeName}`;
  return rest === 0 ? first : `${first} ${rest} ${smallName}`;
}

/** Write how long something is away, in one unit: `40 s`, `4 min`, `3 h`, `2 d`. */
export function roughDuration(seconds: number): string {
  const size = Math.abs(seconds);
  if (size < MINUTE) return `${Math.round(size)} s`;
  if (size < HOUR) return `${Math.floor(size / MINUTE)} min`;
  if (size < DAY) return `${Math.floor(size / HOUR)} h`;
  return `${Math.floor(size / DAY)} d`;
}

/** Write a moment in full, with its zone. */
export function momentText(at: Date, { language, zone }: Preferences, withSeconds = true): string {
  return moments(language, zone, withSeconds).format(at);
}

/** Write a size: `512 MiB`, `1.4 GiB`. */
export function bytesText(bytes: number, language: string): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value.toLocaleString(language, { maximumFractionDigits: value < 10 && unit > 0 ? 1 : 0 })} ${units[unit]}`;
}

// To make what formats takes far longer than to format: a list names a thousand moments at once.
const kept = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();

function numbers(language: string, digits: number): Intl.NumberFormat {
  return once(
    `${language} ${digits}`,
    () => new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits }),
  );
}

function moments(
  language: Preferences["language"],
  zone: Preferences["zone"],
  withSeconds: boolean,
): Intl.DateTimeFormat {
  return once(
    `${language} ${zone} ${withSeconds}`,
    () =>
      new Intl.DateTimeFormat(language === "de" ? "de-DE" : "en-GB", {
        day: "numeric",
        month: "short",
        year: "numeric",
        hour: "2-digit",
        minute: "2-digit",
        ...(withSeconds && { second: "2-digit" }),
        timeZoneName: "short",
        ...(zone === "utc" && { timeZone: "UTC" }),
      }),
  );
}

function once<T extends Intl.NumberFormat | Intl.DateTimeFormat>(key: string, make: () => T): T {
  const before = kept.get(key) as T | undefined;
  if (before) return before;
  const made = make();
  kept.set(key, made);
  return made;
}
