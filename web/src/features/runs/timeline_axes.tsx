import { durationText } from "@/components/moment";
import { type Preferences, usePreferences } from "@/preferences";
import styles from "./timeline.module.css";
import { durationShare, durationTicks, timeTicks } from "./timeline_scale";

export const LEFT_PX = 60;
export const TOP_PX = 16;
export const FOOT_PX = 32;
const TIME_LABEL_PX = 110;
const A_DAY_MS = 86_400_000;

interface AxesProps {
  span: [number, number];
  range: [number, number];
  width: number;
  height: number;
}

/** Lines and words for time, from left to right, and for duration, upwards. */
export function Axes({ span: [from, to], range, width, height }: AxesProps) {
  const preferences = usePreferences();
  const isUtc = preferences.zone === "utc";
  const offset = (at: number) => (isUtc ? 0 : -new Date(at).getTimezoneOffset() * 60_000);
  const inner = Math.max(1, width - LEFT_PX);
  const { step, ticks } = timeTicks(from, to, Math.max(2, inner / TIME_LABEL_PX), offset);
  const bottom = height - FOOT_PX;
  return (
    <g className={styles.axes}>
      {durationTicks(range).map((seconds) => {
        const y = bottom - durationShare(seconds, range) * (bottom - TOP_PX);
        return (
          <g key={seconds}>
            <line x1={LEFT_PX} x2={width} y1={y} y2={y} />
            <text x={LEFT_PX - 8} y={y + 4} textAnchor="end">
              {durationText(seconds, preferences.language)}
            </text>
          </g>
        );
      })}
      {ticks.map((at, index) => {
        const x = LEFT_PX + ((at - from) / (to - from)) * inner;
        return (
          <g key={at}>
            <line x1={x} x2={x} y1={TOP_PX} y2={bottom + 4} />
            <text x={x} y={bottom + 20} textAnchor={x > width - 40 ? "end" : "middle"}>
              {tickText(at, step, preferences, index === 0 || isMidnight(at + offset(at)))}
            </text>
          </g>
        );
      })}
    </g>
  );
}

const isMidnight = (local: number) => local % A_DAY_MS === 0;

function tickText(at: number, step: number, { language, zone }: Preferences, withDay: boolean): string {
  return new Date(at).toLocaleString(language === "de" ? "de-DE" : "en-GB", {
    ...((step >= A_DAY_MS || withDay) && { day: "numeric", month: "short" }),
    ...(step < A_DAY_MS && { hour: "2-digit", minute: "2-digit" }),
    ...(zone === "utc" && { timeZone: "UTC" }),
  });
}
