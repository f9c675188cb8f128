/** The height of a line that is not wrapped: `--log-line`. */
export const LINE_PX = 20;
/** No element of a browser may be much higher: Firefox ends at 17.8 million pixels, Chromium at 33.5. */
export const HIGHEST_PX = 8_000_000;
/** This close to both ends a pixel of the scroll bar is a pixel of the log, however long that is. */
const EXACT_PX = 100_000;
/** More than a page by a key, so that what is scrolled to is there already. */
const OVERSCAN_LINES = 30;

/** What stands at the top of the viewport: `offset` pixels below the top of `line`. */
export interface Place {
  line: number;
  offset: number;
}

/** `"end"`: the last line is at the bottom, and stays there when lines are added. */
export type Position = Place | "end";

export interface Extent {
  lines: number;
  viewport: number;
}

/** A row that is drawn, and how far from the top of the first one. */
export interface Row {
  line: number;
  top: number;
}

/** How high the element is that is scrolled. */
export function scrolledHeight(lines: number): number {
  return Math.min(lines * LINE_PX, HIGHEST_PX);
}

function limits({ lines, viewport }: Extent): { bar: number; log: number } {
  return {
    bar: Math.max(scrolledHeight(lines) - viewport, 0),
    log: Math.max(lines * LINE_PX - viewport, 0),
  };
}

/** Which place a scroll position stands for. */
export function placeOfBar(bar: number, extent: Extent): Place {
  const most = limits(extent);
  const fromEnd = most.bar - bar;
  let pixels: number;
  if (most.log <= most.bar || bar <= EXACT_PX) pixels = bar;
  else if (fromEnd <= EXACT_PX) pixels = most.log - fromEnd;
  else pixels = EXACT_PX + ((bar - EXACT_PX) * (most.log - 2 * EXACT_PX)) / (most.bar - 2 * EXACT_PX);
  pixels = Math.min(Math.max(pixels, 0), most.log);
  const line = Math.floor(pixels / LINE_PX);
  return { line, offset: pixels - line * LINE_PX };
}

/** Which scroll position stands for a place: the inverse of `placeOfBar`. */
export function barOfPlace({ line, offset }: Place, extent: Extent): number {
  const most = limits(extent);
  const pixels = Math.min(Math.max(line * LINE_PX + offset, 0), most.log);
  const fromEnd = most.log - pixels;
  if (most.log <= most.bar || pixels <= EXACT_PX) return pixels;
  if (fromEnd <= EXACT_PX) return most.bar - fromEnd;
  return EXACT_PX + ((pixels - EXACT_PX) * (most.bar - 2 * EXACT_PX)) / (most.log - 2 * EXACT_PX);
}

/**
 * Whether somebody dragged the bar, rather than turned the wheel, pressed a key or swiped.
 *
 * One pixel that the bar is dragged by moves a long log by much more than a wheel ever does.
 */
export function isJump(delta: number, extent: Extent): boolean {
  const perBarPixel = limits(extent).bar / Math.max(extent.viewport, 1);
  return Math.abs(delta) > Math.max(perBarPixel / 4, 4 * extent.viewport);
}

/** Which place is `y` pixels below the top of the first row; rows that are not drawn count as unwrapped. */
export function placeAmong(rows: readonly Row[], y: number, height: number): Place {
  const first = rows[0];
  const last = rows.at(-1);
  if (first === undefined || last === undefined) return { line: 0, offset: 0 };
  if (y < 0) {
    const above = Math.min(Math.ceil(-y / LINE_PX), first.line);
    return { line: first.line - above, offset: Math.max(y + above * LINE_PX, 0) };
  }
  if (y >= height) {
    const below = Math.floor((y - height) / LINE_PX);
    return { line: last.line + 1 + below, offset: y - height - below * LINE_PX };
  }
  let low = 0;
  let high = rows.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((rows[middle]?.top ?? 0) <= y) low = middle;
    else high = middle - 1;
  }
  const row = rows[low] ?? first;
  return { line: row.line, offset: y - row.top };
}

/** The lines to draw, so that the viewport is filled and some are ready above and below it. */
export function linesToDraw(
  position: Position,
  { lines, viewport }: Extent,
  isHidden: (line: number) => boolean,
): { first: number; last: number } {
  const shown = Math.ceil(viewport / LINE_PX) + OVERSCAN_LINES;
  if (position === "end") return { first: walk(lines, -shown, lines, isHidden), last: lines };
  const line = Math.min(position.line, lines);
  const above = Math.ceil(Math.max(-position.offset, 0) / LINE_PX) + OVERSCAN_LINES;
  return { first: walk(line, -above, lines, isHidden), last: walk(line, shown + 1, lines, isHidden) };
}

/** Go that many visible lines from `line`, down, or up where `count` is negative. */
function walk(line: number, count: number, lines: number, isHidden: (line: number) => boolean): number {
  const step = Math.sign(count);
  let at = line;
  for (let left = Math.abs(count); left > 0; ) {
    if (step < 0 ? at <= 0 : at >= lines) break;
    if (!isHidden(step < 0 ? at - 1 : at)) left -= 1;
    at += step;
  }
  return at;
}
