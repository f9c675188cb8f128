import type { KeyboardEvent, RefObject } from "react";
import { LINE_PX } from "./scroll_mapping";
import type { Scroller } from "./scroller";

interface Keyed {
  viewport: RefObject<HTMLElement | null>;
  scroller: Scroller;
  /** Add so many lines to the selection; with 0 select the line that is read. */
  extend: (lines: number) => void;
  /** Select no lines. */
  leave: () => void;
}

type Act = (keyed: Keyed, event: KeyboardEvent) => void;

/** Where lines are read. By whole lines: none ends up half hidden. */
const READING: Record<string, Act> = {
  ArrowDown: ({ scroller }) => scroller.moveBy(LINE_PX),
  ArrowUp: ({ scroller }) => scroller.moveBy(-LINE_PX),
  PageDown: ({ scroller }) => scroller.moveBy(pageOf(scroller)),
  PageUp: ({ scroller }) => scroller.moveBy(-pageOf(scroller)),
  " ": ({ scroller }, { shiftKey }) => scroller.moveBy(shiftKey ? -pageOf(scroller) : pageOf(scroller)),
  Escape: ({ leave }) => leave(),
  Home: ({ scroller }) => scroller.goTo(0, "top"),
  End: ({ scroller }) => scroller.goToEnd(),
};

/** With Shift. */
const EXTENDING: Record<string, Act> = {
  ArrowDown: ({ extend }) => extend(1),
  ArrowUp: ({ extend }) => extend(-1),
};

/** The keys of the lines, while they have the focus. */
export function keysOf(keyed: Keyed): (event: KeyboardEvent) => void {
  return (event) => {
    const { key, shiftKey } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== keyed.viewport.current) return;
    const act = (shiftKey && EXTENDING[key]) || READING[key];
    if (act === undefined) return;
    event.preventDefault();
    act(keyed, event);
  };
}

/** A page, of which two lines are seen again. */
function pageOf({ page }: Scroller): number {
  return Math.max(Math.floor(page / LINE_PX) - 2, 1) * LINE_PX;
}
