import { useTranslation } from "react-i18next";
import { usePreferences } from "@/preferences";
import { DataTable } from "@/ui/data_table";
import { type Cell, calendarOf, type Day, lookOf, monthsOf, totalOf } from "./calendar";
import styles from "./heatmap.module.css";

const STEP = 14;
const SIZE = 12;
const LEFT = 28;
const TOP = 18;

/** The last year as a calendar: a square a day, its look by how the day's runs ended. */
export function Heatmap({ days, today }: { days: readonly Day[]; today: Date }) {
  const { t } = useTranslation(["pipeline", "general"]);
  const { language } = usePreferences();
  const cells = calendarOf(days, today);
  const dayText = (day: string, options: Intl.DateTimeFormatOptions) =>
    new Date(day).toLocaleDateString(language, { timeZone: "UTC", ...options });
  const most = Math.max(1, ...days.map((day) => day.succeeded));
  const failed = days.filter((day) => day.failed > 0).length;
  return (
    <div className={styles.calendar}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: on a phone it scrolls, which has to work by keyboard */}
      <section className={styles.scrolls} tabIndex={0} aria-label={t("calendar")}>
        <svg
          width={LEFT + 53 * STEP}
          height={TOP + 7 * STEP}
          role="img"
          aria-label={t("calendarLabel", { count: days.length, failed })}
        >
          {monthsOf(cells).map(({ week, day }) => (
            <text key={day} x={LEFT + week * STEP} y={11} className={styles.word}>
              {dayText(day, { month: "short" })}
            </text>
          ))}
          {cells
            .filter(({ week, weekday }) => week === 1 && weekday % 2 === 0 && weekday < 6)
            .map(({ day, weekday }) => (
              <text key={day} x={0} y={TOP + weekday * STEP + 10} className={styles.word}>
                {dayText(day, { weekday: "short" })}
              </text>
            ))}
          {cells.map((cell) => (
            <Square key={cell.day} cell={cell} most={most}>
              {`${dayText(cell.day, { dateStyle: "medium" })}: ${
                cell.runs
                  ? t("dayRuns", {
                      succeeded: cell.runs.succeeded,
                      failed: cell.runs.failed,
                      others: cell.runs.cancelled + cell.runs.skipped,
                    })
                  : t("dayNoRun")
              }`}
            </Square>
          ))}
        </svg>
      </section>
      {days.length > 0 && (
        <details>
          <summary>{t("asTable")}</summary>
          <DataTable
            label={t("calendar")}
            rows={[...days].reverse()}
            keyOf={({ day }) => day}
            columns={[
              { head: t("day"), isName: true, cell: ({ day }) => dayText(day, { dateStyle: "medium" }) },
              { head: t("general:status.SUCCESS"), isFigure: true, cell: (day) => day.succeeded },
              { head: t("general:status.FAILED"), isFigure: true, cell: (day) => day.failed },
              { head: t("general:status.CANCELLED"), isFigure: true, cell: (day) => day.cancelled },
              { head: t("general:status.SKIPPED"), isFigure: true, cell: (day) => day.skipped },
              { head: t("total"), isFigure: true, cell: totalOf },
            ]}
          />
        </details>
      )}
    </div>
  );
}

function Square({ cell, most, children }: { cell: Cell; most: number; children: string }) {
  const look = lookOf(cell.runs);
  const x = LEFT + cell.week * STEP;
  const y = TOP + cell.weekday * STEP;
  const amount = Math.ceil((3 * (cell.runs?.succeeded ?? 0)) / most);
  return (
    <g className={styles.day} data-look={look} data-amount={amount}>
      <title>{children}</title>
      <rect x={x} y={y} width={SIZE} height={SIZE} rx={2} className={styles.square} />
      {look === "mixed" && <path d={`M${x + SIZE} ${y}v${SIZE}h${-SIZE}z`} className={styles.failedPart} />}
      {look === "bad" && <path d={`m${x + 3.5} ${y + 3.5} 5 5m0-5-5 5`} className={styles.cross} />}
    </g>
  );
}
