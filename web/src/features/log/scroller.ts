import { beyond, MeasuredRows } from "./measured_rows";
import {
  barOfPlace,
  type Extent,
  isJump,
  LINE_PX,
  linesToDraw,
  type Place,
  type Position,
  placeOfBar,
  scrolledHeight,
} from "./scroll_mapping";

export interface Parts {
  /** Scrolls. */
  viewport: HTMLElement;
  /** Makes the scroll bar as long as it has to be. */
  spacer: HTMLElement;
  /** Holds the rows that are drawn; each has its line in `data-line`. */
  layer: HTMLElement;
}

/** After this long without scrolling the bar is set to where it would stand for what is shown. */
const CALM_MS = 200;
/** What is scrolled to sideways does not end up below the line numbers. */
const SIDE_PX = 120;

/**
 * Scrolls through any number of lines of any height, though an element can only be so high.
 *
 * What counts is a place, the line at the top. Wheel, keys and fingers move it by as many pixels as they
 * moved the browser's own scroll position; dragging the bar moves it to the same share of the log. Rows are
 * laid out by the browser and measured before it paints, then laid where the place wants them.
 */
export class Scroller {
  position: Position = "end";
  version = 0;

  private parts: Parts | null = null;
  private height = 0;
  private lines = 0;
  private drawn = { first: 0, last: 0 };
  /** Whether a line was gone to that has to stay in sight: what is above it may not have come yet. */
  private isHeld = false;
  /** How far the browser can scroll. */
  private furthest = 0;
  /** The browser's scroll position, as it was last seen or set. */
  private bar = 0;
  /** How far the first row is from the top of what is scrolled. */
  private top = 0;
  private readonly rows = new MeasuredRows();
  private drawsAll = true;
  private isOff = true;
  private isDragging = false;
  private calm: ReturnType<typeof setTimeout> | undefined;
  private readonly listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly currentVersion = (): number => this.version;

  /** Scroll with these elements; returns how to let go of them. */
  attach(parts: Parts): () => void {
    this.parts = parts;
    const { viewport } = parts;
    const leaving = new AbortController();
    const options = { signal: leaving.signal, passive: true };
    viewport.addEventListener("scroll", this.scrolled, options);
    viewport.addEventListener("wheel", this.wheeled, options);
    viewport.addEventListener("pointerdown", this.pressed, options);
    for (const name of ["pointerup", "pointermove"] as const) {
      window.addEventListener(name, this.released, options);
    }
    const resizing = new ResizeObserver(() => this.resized());
    resizing.observe(viewport);
    this.resized();
    return () => {
      leaving.abort();
      resizing.disconnect();
      clearTimeout(this.calm);
      this.parts = null;
    };
  }

  /** Which lines are to be drawn of a log with so many. */
  draw(lines: number, isHidden: (line: number) => boolean): { first: number; last: number } {
    this.lines = lines;
    this.drawn = linesToDraw(this.position, this.extent, isHidden);
    return this.drawn;
  }

  /** Show this line, in the middle or at the top. */
  goTo(line: number, where: "middle" | "top" = "middle"): void {
    this.moveTo({ line, offset: where === "middle" ? -Math.floor(this.height / 2.5) : 0 }, true);
  }

  goToEnd(): void {
    this.moveTo("end", false);
  }

  /** Stay where it is when lines are added. */
  leaveEnd(): void {
    if (this.position !== "end" || this.bar <= 0) return;
    const { line, offset } = this.placeAt(this.bar);
    this.isHeld = false;
    this.position = { line, offset: offset - 1 };
    this.changed();
  }

  /** Move by pixels, as a key does. */
  moveBy(pixels: number): void {
    this.parts?.viewport.scrollBy({ top: pixels, behavior: "instant" });
  }

  /** Scroll as far as needed for all of an element to be seen. */
  reveal(element: Element): void {
    if (this.parts === null) return;
    const frame = this.parts.viewport.getBoundingClientRect();
    const own = element.getBoundingClientRect();
    this.parts.viewport.scrollBy({
      left: beyond(own.left, own.right, frame.left + SIDE_PX, frame.right - SIDE_PX),
      top: beyond(own.top, own.bottom, frame.top, frame.bottom - LINE_PX),
      behavior: "instant",
    });
  }

  /** Forget how wide lines were: they are drawn otherwise now. */
  redraw(): void {
    this.rows.forgetWidth(this.parts?.layer);
    this.isOff = true;
    this.changed();
  }

  /** The height of what can be seen. */
  get page(): number {
    return this.height;
  }

  /** Whether a line is, at least mostly, where it can be seen. */
  sees(line: number): boolean {
    const top = this.rows.topOfLine(line);
    if (top === undefined) return false;
    const y = top + this.top - this.bar;
    return y >= 0 && y <= this.height - LINE_PX;
  }

  /** The line at the top. */
  get topLine(): number {
    return this.placeAt(this.bar).line;
  }

  /** Lay the rows where they belong. Called after each drawing, before the browser paints. */
  layOut(): void {
    if (this.parts === null || this.lines === 0 || this.height === 0) return;
    const { viewport, spacer, layer } = this.parts;
    if (viewport.scrollTop !== this.bar) {
      // Scrolled since it was drawn: what is right now is drawn first.
      this.scrolled();
      return;
    }
    const before = this.position;
    this.rows.measure(layer);
    this.drawsAll = this.drawn.first === 0 && this.drawn.last === this.lines;
    const height = this.drawsAll ? this.rows.height : scrolledHeight(this.lines);
    spacer.style.height = `${height}px`;
    this.furthest = Math.max(height - this.height, 0);
    const top = this.drawsAll ? this.layAll(this.furthest) : this.layPart(this.furthest);
    if (viewport.scrollTop !== this.bar) viewport.scrollTop = this.bar;
    // The browser may round; the rows follow it.
    this.top = this.drawsAll ? top : top + viewport.scrollTop - this.bar;
    this.bar = viewport.scrollTop;
    layer.style.transform = `translateY(${this.top}px)`;
    this.isOff = false;
    if (typeof before !== typeof this.position) this.changed();
  }

  private get extent(): Extent {
    return { lines: this.lines, viewport: this.height };
  }

  /** All rows are drawn: the browser scrolls as it always does. */
  private layAll(furthest: number): number {
    if (this.position === "end") this.bar = furthest;
    else this.bar = Math.min(Math.max(this.rows.topOf(this.position), 0), furthest);
    if (this.bar >= furthest && !this.isHeld) this.position = "end";
    return 0;
  }

  private layPart(furthest: number): number {
    const { first, last } = this.drawn;
    const top = this.position === "end" ? 0 : this.bar - this.rows.topOf(this.position);
    const isPastEnd = last === this.lines && top + this.rows.height <= this.bar + this.height;
    if (isPastEnd && !this.isHeld) this.position = "end";
    if (isPastEnd || this.position === "end") {
      this.bar = furthest;
      return this.bar + this.height - this.rows.height;
    }
    const isAtStart = first === 0 && top >= this.bar;
    if (isAtStart && !this.isHeld) this.position = { line: 0, offset: 0 };
    const isStuck = (this.bar <= 0 && !isAtStart) || this.bar >= furthest;
    if (this.isOff || isStuck || isAtStart) this.bar = this.barFor(this.position, furthest, isAtStart);
    return isAtStart ? 0 : this.bar - this.rows.topOf(this.position);
  }

  /** Where the bar stands for a place; never where it could not be moved on in both directions. */
  private barFor(place: Place, furthest: number, isAtStart: boolean): number {
    if (isAtStart) return 0;
    const room = Math.min(this.height / 4, furthest / 4);
    const bar = barOfPlace(place, this.extent);
    if (bar <= 0) return room;
    return bar >= furthest ? furthest - room : bar;
  }

  private placeAt(bar: number): Place {
    return this.rows.placeAt(bar - this.top);
  }

  private readonly scrolled = (): void => {
    if (this.parts === null) return;
    const bar = this.parts.viewport.scrollTop;
    const delta = bar - this.bar;
    if (delta === 0) return;
    this.isHeld = false;
    this.bar = bar;
    const isFar = this.isDragging || isJump(delta, this.extent);
    if (!isFar || this.drawsAll) this.position = this.placeAt(bar);
    else this.position = bar >= this.furthest ? "end" : placeOfBar(bar, this.extent);
    this.waitForCalm();
    this.changed();
  };

  /** A wheel that turns up leaves the end at once: lines that stream in would scroll back before it is heard. */
  private readonly wheeled = (event: WheelEvent): void => {
    this.isDragging = false;
    if (event.deltaY < 0) this.leaveEnd();
  };

  private readonly pressed = (event: PointerEvent): void => {
    const viewport = this.parts?.viewport;
    this.isDragging =
      event.target === viewport && viewport !== undefined && event.offsetX >= viewport.clientWidth;
  };

  private readonly released = (event: PointerEvent): void => {
    if (event.type === "pointerup" || event.buttons === 0) this.isDragging = false;
  };

  private resized(): void {
    const height = this.parts?.viewport.clientHeight ?? 0;
    if (height === this.height) return;
    this.height = height;
    this.isOff = true;
    this.changed();
  }

  private moveTo(position: Position, isHeld: boolean): void {
    this.position = position;
    this.isHeld = isHeld;
    this.isOff = true;
    this.changed();
  }

  private waitForCalm(): void {
    clearTimeout(this.calm);
    this.calm = setTimeout(() => {
      if (this.isDragging) return this.waitForCalm();
      this.isOff = true;
      this.changed();
    }, CALM_MS);
  }

  private changed(): void {
    this.version += 1;
    for (const listener of this.listeners) listener();
  }
}
