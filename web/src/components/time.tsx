import { useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { usePreferences } from "@/preferences";
import { durationText, momentText, roughDuration } from "./moment";

const A_DAY_SECONDS = 86_400;

/** The present second, for everything that counts along; one timer for the whole page. */
export function useNow(): number {
  return useSyncExternalStore(everySecond, currentSecond);
}

const counting = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function everySecond(listener: () => void): () => void {
  counting.add(listener);
  timer ??= setInterval(() => {
    for (const each of counting) each();
  }, 1000);
  return () => {
    counting.delete(listener);
    if (counting.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

const currentSecond = () => Math.floor(Date.now() / 1000) * 1000;

/** A moment, relative within a day and exact beyond; the exact one, with its zone, on hover. */
export function Moment({ at }: { at: string }) {
  const { t } = useTranslation();
  const preferences = usePreferences();
  const now = useNow();
  const moment = new Date(at);
  const exact = momentText(moment, preferences);
  const seconds = (moment.getTime() - now) / 1000;
  let text = momentText(moment, preferences, false);
  if (Math.abs(seconds) < 1) text = t("time.now");
  else if (Math.abs(seconds) < A_DAY_SECONDS) {
    text = t(seconds > 0 ? "time.in" : "time.ago", { duration: roughDuration(seconds) });
  }
  return (
    <time dateTime={at} title={exact}>
      {text}
    </time>
  );
}

/** How long something took, or, without an end, how long it has been going on. */
export function Elapsed({ from, to }: { from: string; to: string | null }) {
  return to === null ? (
    <Counting from={from} />
  ) : (
    <Duration seconds={(Date.parse(to) - Date.parse(from)) / 1000} />
  );
}

function Counting({ from }: { from: string }) {
  const now = useNow();
  return <Duration seconds={Math.max(0, Math.floor((now - Date.parse(from)) / 1000))} />;
}

/** A duration in words. */
export function Duration({ seconds }: { seconds: number }) {
  const { language } = usePreferences();
  return <span>{durationText(seconds, language)}</span>;
}
