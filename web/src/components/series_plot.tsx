import "uplot/dist/uPlot.min.css";
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import { usePreferences } from "@/preferences";
import { useIsDark } from "./scheme";
import styles from "./series_plot.module.css";

export interface SeriesPlotProps {
  /** Seconds since 1970, rising. */
  times: readonly number[];
  values: readonly number[];
  hardLimit: number | null;
  softLimit: number | null;
  /** The scale goes up to this at least, so that noise does not look like work. */
  leastTop: number;
  /** Writes a value at the axis. */
  axisText: (value: number) => string;
  /** Called with the place of the point under the pointer; null: it left. */
  onPoint: (index: number | null) => void;
  /** Charts with the same one show the same moment. */
  together?: string;
}

const HEIGHT = 112;
const AXIS_WIDTH = 62;
const LEAST_SECONDS = 5;

/** The drawing of a `SeriesChart`. */
export default function SeriesPlot(props: SeriesPlotProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const isDark = useIsDark();
  const { zone, language } = usePreferences();

  // biome-ignore lint/correctness/useExhaustiveDependencies: colours and words are drawn anew with theme, zone, language
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const made = new uPlot(options(element, latest, zone), dataOf(latest.current), element);
    plot.current = made;
    const watcher = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT }));
    watcher.observe(element);
    return () => {
      watcher.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [isDark, zone, language]);

  const { times, values, hardLimit, softLimit } = props;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the scale reads the limits
  useEffect(() => {
    plot.current?.setData(dataOf({ times, values }));
  }, [times, values, hardLimit, softLimit]);

  return <div ref={place} className={styles.place} aria-hidden />;
}

const dataOf = ({ times, values }: Pick<SeriesPlotProps, "times" | "values">): uPlot.AlignedData => [
  times as number[],
  values as number[],
];

function options(
  element: HTMLElement,
  latest: { current: SeriesPlotProps },
  zone: "local" | "utc",
): uPlot.Options {
  const colour = colours(element);
  const axis = {
    stroke: colour("--ink-3"),
    font: `11px ${getComputedStyle(element).fontFamily}`,
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { show: false },
  };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    padding: [8, 8, 0, 0],
    legend: { show: false },
    ...(zone === "utc" && { tzDate: (seconds: number) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC") }),
    cursor: {
      y: false,
      drag: { x: false, y: false },
      points: { size: 6 },
      ...(latest.current.together !== undefined && { sync: { key: latest.current.together } }),
    },
    scales: {
      x: { range: () => span(latest.current.times) },
      y: { range: (_, __, highest) => [0, top(latest.current, highest)] },
    },
    series: [
      {},
      {
        stroke: colour("--ink-2"),
        width: 1.5,
        fill: colour("--hover"),
        points: { show: (plot: uPlot) => plot.data[0].length < 2 },
      },
    ],
    axes: [
      {
        ...axis,
        size: 22,
        space: (_, __, from, to) => (to - from < 240 ? 60 : 42),
        values: (_, ticks) => ticks.map((tick) => clock(tick, zone, ticks)),
      },
      {
        ...axis,
        size: AXIS_WIDTH,
        space: 28,
        values: (_, ticks) => ticks.map((tick) => latest.current.axisText(tick)),
      },
    ],
    hooks: {
      draw: [
        (plot) => {
          const { hardLimit, softLimit } = latest.current;
          across(plot, softLimit, colour("--retrying"), [4, 3]);
          across(plot, hardLimit, colour("--failed"), []);
        },
      ],
      setCursor: [(plot) => latest.current.onPoint(plot.cursor.idx ?? null)],
    },
  };
}

/** From the first moment to the last. uPlot's own idea of the room around a single one is a day. */
function span(times: readonly number[]): [number, number] {
  const first = times[0] ?? 0;
  return [first, Math.max(times.at(-1) ?? 0, first + LEAST_SECONDS)];
}

/** The top of the scale: what was reached, and the limits, so that the distance to them is seen. */
function top({ hardLimit, softLimit, leastTop }: SeriesPlotProps, highest: number | null): number {
  return Math.max(highest ?? 0, hardLimit ?? 0, softLimit ?? 0, leastTop) * 1.08;
}

/** Draw a line across at a value. */
function across(plot: uPlot, value: number | null, colour: string, dash: number[]): void {
  if (value === null) return;
  const { ctx, bbox } = plot;
  const y = Math.round(plot.valToPos(value, "y", true));
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1.5 * devicePixelRatio;
  ctx.setLineDash(dash.map((length) => length * devicePixelRatio));
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.restore();
}

/** A canvas knows no custom properties: let the element say what each is now. */
function colours(element: HTMLElement): (token: string) => string {
  return (token) => {
    element.style.color = `var(${token})`;
    const colour = getComputedStyle(element).color;
    element.style.color = "";
    return colour;
  };
}

function clock(seconds: number, zone: "local" | "utc", ticks: readonly number[]): string {
  const isFine = (ticks[1] ?? seconds) - (ticks[0] ?? seconds) < 60;
  return new Date(seconds * 1000).toLocaleTimeString("en-GB", {
    hour: "2-digit",
    minute: "2-digit",
    ...(isFine && { second: "2-digit" }),
    ...(zone === "utc" && { timeZone: "UTC" }),
  });
}
