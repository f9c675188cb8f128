import { type Place, placeAmong, type Row } from "./scroll_mapping";

/** The rows that are drawn, as the browser has laid them out. */
export class MeasuredRows {
  /** How high they are together. */
  height = 0;
  private rows: Row[] = [];
  private widest = 0;

  /** Measure what is in this element; each row has its line in `data-line`. */
  measure(layer: HTMLElement): void {
    this.rows = [];
    for (const child of layer.children) {
      const element = child as HTMLElement;
      if (element.dataset.line === undefined) continue;
      this.rows.push({ line: Number(element.dataset.line), top: element.offsetTop });
    }
    this.height = layer.offsetHeight;
    // Lines come and go while scrolling; how far one can scroll sideways does not.
    if (layer.scrollWidth > this.widest) {
      this.widest = layer.scrollWidth;
      layer.style.minWidth = `${this.widest}px`;
    }
  }

  /** Forget how wide lines were: they are drawn otherwise now. */
  forgetWidth(layer: HTMLElement | undefined): void {
    this.widest = 0;
    if (layer !== undefined) layer.style.minWidth = "";
  }

  /** How far a place is from the top of the first row. */
  topOf({ line, offset }: Place): number {
    const row = this.rows.find((each) => each.line >= line);
    return (row?.top ?? this.height) + offset;
  }

  /** How far a line is from the top of the first row; `undefined`: it is not drawn. */
  topOfLine(line: number): number | undefined {
    return this.rows.find((each) => each.line === line)?.top;
  }

  /** The place so far below the top of the first row. */
  placeAt(y: number): Place {
    return placeAmong(this.rows, y, this.height);
  }
}

/** How far something sticks out of a frame: negative before it, positive beyond it. */
export function beyond(start: number, end: number, from: number, to: number): number {
  if (start < from) return start - from;
  return end > to ? Math.min(end - to, start - from) : 0;
}
