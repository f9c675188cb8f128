import i18next, { type TFunction } from "i18next";
import { expect, test } from "vitest";
import type { Schemas } from "@/api/client";
import { aFailedRun, anAttempt, aRunningRun } from "@/testing/run_details";
import { reasonOf, tabTitle, verdictOf } from "./sentence";

const english = i18next.getFixedT("en", ["run", "general"]) as TFunction<["run", "general"]>;
const german = i18next.getFixedT("de", ["run", "general"]) as TFunction<["run", "general"]>;
const NOW = Date.parse("2026-11-26T03:00:05Z");

/** What is said of a run that took four seconds and had 128 MiB, for each outcome that there is. */
const SAID: Record<Schemas["Outcome"], [english: string, german: string]> = {
  exited: ["Failed with exit code 1 after 4.0 s.", "Endete nach 4,0 s mit Exit-Code 1."],
  out_of_memory: [
    "Ran out of memory at 128 MiB after 4.0 s.",
    "Ihm ging nach 4,0 s bei 128 MiB der Speicher aus.",
  ],
  timed_out: [
    "Was stopped at its time limit after 4.0 s.",
    "Wurde nach 4,0 s angehalten: Seine Zeit war um.",
  ],
  cancelled: ["Was cancelled after 4.0 s.", "Wurde nach 4,0 s abgebrochen."],
  environment_failed: [
    "Its packages could not be installed.",
    "Seine Pakete ließen sich nicht installieren.",
  ],
  manifest_invalid: ["Its pipeline.json is not valid.", "Seine pipeline.json ist ungültig."],
  secrets_unavailable: ["A secret that it needs is not there.", "Ein Geheimnis, das er braucht, fehlt."],
  host_lost: [
    "The machine that it ran on went away after 4.0 s.",
    "Der Rechner, auf dem er lief, fiel nach 4,0 s aus.",
  ],
  platform_error: ["Fast-Flow could not run it.", "Fast-Flow konnte ihn nicht ausführen."],
  rejected: ["What it was started with was refused.", "Womit er gestartet werden sollte, wurde abgelehnt."],
  not_started: ["It was not started.", "Er wurde nicht gestartet."],
};

test.each(Object.entries(SAID))("a run that ended by %s says so", (outcome, [inEnglish, inGerman]) => {
  const run = aFailedRun({ outcome: outcome as Schemas["Outcome"] });
  expect(verdictOf(run, NOW, english, "en")).toBe(inEnglish);
  expect(verdictOf(run, NOW, german, "de")).toBe(inGerman);
});

test("a run whose attempts all failed says how many there were", () => {
  const run = aFailedRun({
    attempt_count: 3,
    attempts: [anAttempt(), anAttempt({ number: 2 }), anAttempt({ number: 3 })],
  });
  expect(verdictOf(run, NOW, english, "en")).toBe(
    "Failed with exit code 1 after 4.0 s. All 3 attempts failed.",
  );
});

test("a run that was refused before it began has no duration", () => {
  const run = aFailedRun({
    status: "SKIPPED",
    outcome: "rejected",
    started_at: null,
    finished_at: null,
    attempts: [],
  });
  expect(verdictOf(run, NOW, english, "en")).toBe("What it was started with was refused.");
});

test("a run that goes on says since when", () => {
  expect(verdictOf(aRunningRun(), NOW, english, "en")).toBe("Running for 4.0 s.");
});

test("a run that waits for its next attempt counts down to it, and tells why the last one failed", () => {
  const next = anAttempt({
    number: 2,
    status: "QUEUED",
    available_at: "2026-11-26T03:00:35Z",
    started_at: null,
    outcome: null,
    reason: null,
  });
  const run = aRunningRun({
    status: "RETRYING",
    reason: "Attempt 1 of 4: … The next one starts in 30 seconds.",
    spec: { retry_attempts: 3 },
    attempts: [anAttempt(), next],
  });
  expect(verdictOf(run, NOW, english, "en")).toBe("Attempt 1 of 4 failed, the next one is due in 30 s.");
  expect(verdictOf(run, NOW + 60_000, english, "en")).toBe(
    "Attempt 1 of 4 failed, the next one waits for its turn.",
  );
  expect(reasonOf(run)).toBe("Failed with exit code 1; the end of the log says why.");
});

test("the browser's tab tells how it is", () => {
  expect(tabTitle(aFailedRun(), english)).toBe("✕ report – failed");
  expect(tabTitle(aRunningRun(), german)).toBe("● report – läuft");
});
