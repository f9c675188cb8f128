import type { Preferences } from "@/preferences";

/** Make what writes the time of a line, to the millisecond. */
export function timeWriter({ language, zone }: Preferences): (at: string) => string {
  const format = new Intl.DateTimeFormat(language === "de" ? "de-DE" : "en-GB", {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    fractionalSecondDigits: 3,
    ...(zone === "utc" && { timeZone: "UTC" }),
  });
  // Not every browser reads more than three digits of a second.
  return (at) => format.format(new Date(`${at.slice(0, 23)}Z`));
}
