import i18next from "i18next";
import { expect, test } from "vitest";
import { cronWords, ruleWords } from "./rule_words";

const words = (cron: string, language = "en") =>
  cronWords(cron, i18next.getFixedT(language, "general"), language);

test.each([
  ["* * * * *", "Every minute"],
  ["*/15 * * * *", "Every 15 minutes"],
  ["15 * * * *", "Every hour at :15"],
  ["0 */6 * * *", "Every 6 hours at :00"],
  ["30 6 * * *", "At 06:30 every day"],
  ["0 6,18 * * *", "At 06:00 and 18:00 every day"],
  ["30 6 * * 1-5", "At 06:30 from Monday to Friday"],
  ["30 6 * * mon-fri", "At 06:30 from Monday to Friday"],
  ["0 3 * * 0", "At 03:00 on Sunday"],
  ["0 3 * * 7", "At 03:00 on Sunday"],
  ["0 3 * * TUE,thu", "At 03:00 on Tuesday and Thursday"],
  ["0 0 1 * *", "At 00:00 on day 1 of the month"],
  ["0 0 1 1 *", "At 00:00 on 1 January"],
])("%s is due: %s", (cron, said) => {
  expect(words(cron)).toBe(said);
});

test.each([
  "5-10 * * * *",
  "*/7 * * * *",
  "0 0 13 * 5",
  "0 0 * * 1#2",
  "0 0 1-7 * *",
  "nonsense",
  "0 0 31 13 *",
])("%s has no words that would be right", (cron) => {
  expect(words(cron)).toBeNull();
});

test("German says it in its own way", () => {
  expect(words("30 6 * * 1-5", "de")).toBe("Um 06:30, montags bis freitags");
  expect(words("0 3 * * 1,3", "de")).toBe("Um 03:00, montags und mittwochs");
  expect(words("0 6 * * *", "de")).toBe("Um 06:00, jeden Tag");
});

test("a rule without words is shown as it was written", () => {
  const t = i18next.getFixedT("en", "general");
  expect(ruleWords({ schedule_cron: "*/7 * * * *" }, t, "en")).toBe("*/7 * * * *");
  expect(ruleWords({ schedule_interval_seconds: 5400 }, t, "en")).toBe("Every 1 h 30 min");
});
