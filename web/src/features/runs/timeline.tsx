import { Link } from "@tanstack/react-router";
import { useLayoutEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { durationText, momentText } from "@/components/moment";
import { Said } from "@/components/said";
import { Status } from "@/components/status";
import { Moment, useNow } from "@/components/time";
import { usePreferences } from "@/preferences";
import { Empty } from "@/ui/notice";
import styles from "./timeline.module.css";
import { Axes, FOOT_PX, LEFT_PX, TOP_PX } from "./timeline_axes";
import { Marks, type Placed } from "./timeline_marks";
import { durationRange, durationShare, type Mark, marksOf, nearest } from "./timeline_scale";
import { TimelineSummary } from "./timeline_summary";

type Run = Schemas["RunView"];

/** The newest runs that a timeline shows. */
export const MOST_MARKS = 2000;
const HEIGHT_PX = 420;
const RIGHT_PX = 16;
const REACH_PX = 16;
/** Runs that go on grow; not more often than that, as all is placed anew. */
const GROW_MS = 5000;

/** One mark a run, by when it began and how long it took; coloured and shaped by its result. */
export function Timeline({ runs, isCut }: { runs: readonly Run[]; isCut: boolean }) {
  const { t } = useTranslation("runs");
  const now = Math.floor(useNow() / GROW_MS) * GROW_MS;
  const marks = useMemo(() => marksOf(runs, now), [runs, now]);
  const { plot, width } = useWidth();
  const span = spanOf(marks, now);
  const range = useMemo(() => durationRange(marks), [marks]);
  const points = useMemo(() => {
    const [from, to] = spanOf(marks, now);
    const inner = Math.max(1, width - LEFT_PX - RIGHT_PX);
    return marks.map(({ at, seconds, run }): Placed => {
      const x = LEFT_PX + ((at - from) / Math.max(1, to - from)) * inner;
      const y = HEIGHT_PX - FOOT_PX - durationShare(seconds, range) * (HEIGHT_PX - FOOT_PX - TOP_PX);
      return [x, y, run.status];
    });
  }, [marks, now, range, width]);
  const [chosenId, setChosenId] = useState<string | null>(null);
  const chosen = marks.findIndex(({ run }) => run.id === chosenId);
  const choose = (index: number) => setChosenId(marks[index]?.run.id ?? null);
  return (
    <figure className={styles.figure} aria-label={t("timelineOf")}>
      <figcaption className={styles.told}>
        <Told mark={marks[chosen]} />
      </figcaption>
      {/* The plot always has the same place, so that its width can be measured. */}
      <div
        ref={plot}
        className={styles.plot}
        onPointerMove={(event) => {
          const box = event.currentTarget.getBoundingClientRect();
          const found = nearest(points as never, event.clientX - box.left, event.clientY - box.top, REACH_PX);
          if (found >= 0) choose(found);
        }}
      >
        {marks.length === 0 ? (
          <Empty title={t("timelineEmpty")}>{t("timelineEmptyHint")}</Empty>
        ) : (
          <>
            <svg width={width} height={HEIGHT_PX} className={styles.drawing} aria-hidden>
              <Axes span={span} range={range} width={width - RIGHT_PX} height={HEIGHT_PX} />
              <Marks points={points} />
            </svg>
            <ChosenMark marks={marks} points={points} chosen={chosen} onChoose={choose} />
          </>
        )}
      </div>
      <TimelineSummary marks={marks} span={span} unstarted={runs.length - marks.length} isCut={isCut} />
    </figure>
  );
}

function spanOf(marks: readonly Mark[], now: number): [number, number] {
  const first = marks[0]?.at ?? now;
  const last = marks.at(-1)?.at ?? now;
  return [first, Math.max(last, first + 60_000)];
}

function useWidth() {
  const plot = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = plot.current;
    if (!element) return;
    const measure = () => setWidth(element.clientWidth);
    measure();
    const watch = new ResizeObserver(measure);
    watch.observe(element);
    return () => watch.disconnect();
  }, []);
  return { plot, width };
}

/** The run that is pointed at, in a place of its own: nothing covers the marks. */
function Told({ mark }: { mark: Mark | undefined }) {
  const { t } = useTranslation("runs");
  const { language } = usePreferences();
  if (!mark) return <span className={styles.hint}>{t("timelineHint")}</span>;
  const { run, seconds } = mark;
  return (
    <>
      <Status status={run.status} hasWord />
      <strong>{run.pipeline_name}</strong>
      <Moment at={run.started_at ?? run.created_at} />
      <span>{durationText(seconds, language)}</span>
      <span className={styles.reason}>
        {run.reason && <Said code={run.status === "SUCCESS" ? null : run.outcome} text={run.reason} />}
      </span>
    </>
  );
}

interface ChosenMarkProps {
  marks: readonly Mark[];
  points: readonly Placed[];
  chosen: number;
  onChoose: (index: number) => void;
}

/** A link that lies over the chosen mark. The arrow keys choose another one; the focus stays on the link. */
function ChosenMark({ marks, points, chosen, onChoose }: ChosenMarkProps) {
  const { t } = useTranslation(["runs", "general"]);
  const preferences = usePreferences();
  const index = chosen >= 0 ? chosen : marks.length - 1;
  const mark = marks[index];
  const point = points[index];
  if (!mark || !point) return null;
  const { run } = mark;
  const label = [
    run.pipeline_name,
    t(`general:status.${run.status}`),
    momentText(new Date(mark.at), preferences, false),
    durationText(mark.seconds, preferences.language),
    run.reason ?? "",
  ].join(", ");
  return (
    <>
      <Link
        to="/runs/$runId"
        params={{ runId: run.id }}
        className={styles.chosen}
        data-chosen={chosen >= 0 || undefined}
        style={{ translate: `${point[0]}px ${point[1]}px` }}
        aria-label={label}
        aria-describedby="timeline-keys"
        onFocus={() => onChoose(index)}
        onKeyDown={(event) => {
          const to = stepped(event.key, marks, index);
          if (to === undefined) return;
          event.preventDefault();
          onChoose(to);
        }}
      />
      <span id="timeline-keys" className="visually-hidden">
        {t("timelineKeys")}
      </span>
      <output className="visually-hidden">{chosen >= 0 && label}</output>
    </>
  );
}

/** Return where a key leads to from a mark. */
function stepped(key: string, marks: readonly Mark[], index: number): number | undefined {
  const isFailed = ({ run }: Mark) => run.status === "FAILED";
  const last = marks.length - 1;
  const orHere = (found: number) => (found < 0 ? index : found);
  switch (key) {
    case "ArrowLeft":
      return Math.max(0, index - 1);
    case "ArrowRight":
      return Math.min(last, index + 1);
    case "ArrowUp":
      return orHere(marks.findLastIndex((mark, at) => at < index && isFailed(mark)));
    case "ArrowDown":
      return orHere(marks.findIndex((mark, at) => at > index && isFailed(mark)));
    case "Home":
      return 0;
    case "End":
      return last;
    default:
      return undefined;
  }
}
