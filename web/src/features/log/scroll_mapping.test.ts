import { describe, expect, test } from "vitest";
import {
  barOfPlace,
  HIGHEST_PX,
  isJump,
  LINE_PX,
  linesToDraw,
  placeAmong,
  placeOfBar,
  scrolledHeight,
} from "./scroll_mapping";

const SHORT = { lines: 1_000, viewport: 600 };
const LONG = { lines: 10_000_000, viewport: 600 };
const never = () => false;

describe("the bar", () => {
  test("a short log is as high as its lines", () => {
    expect(scrolledHeight(1_000)).toBe(20_000);
    expect(placeOfBar(1_234, SHORT)).toEqual({ line: 61, offset: 14 });
    expect(barOfPlace({ line: 61, offset: 14 }, SHORT)).toBe(1_234);
  });

  test("a long log is no higher than a browser can have it, and all of it is reached", () => {
    expect(scrolledHeight(LONG.lines)).toBe(HIGHEST_PX);
    expect(placeOfBar(0, LONG)).toEqual({ line: 0, offset: 0 });
    expect(placeOfBar(HIGHEST_PX - LONG.viewport, LONG)).toEqual({ line: LONG.lines - 30, offset: 0 });
    expect(placeOfBar(HIGHEST_PX / 2, LONG).line / LONG.lines).toBeCloseTo(0.5, 2);
  });

  test("near both ends of a long log a pixel is a pixel", () => {
    expect(placeOfBar(5_000, LONG)).toEqual({ line: 250, offset: 0 });
    expect(placeOfBar(HIGHEST_PX - LONG.viewport - 5_000, LONG).line).toBe(LONG.lines - 30 - 250);
  });

  test.each([0, 10, 4_999, 5_000, 123_456, 5_000_000, 9_994_000, 9_999_000, 9_999_970])(
    "line %d keeps its place there and back",
    (line) => {
      const { line: back, offset } = placeOfBar(barOfPlace({ line, offset: 0 }, LONG), LONG);
      expect(back * LINE_PX + offset).toBeCloseTo(line * LINE_PX, 3);
    },
  );

  test("it never leads back up when it is moved down", () => {
    let before = -1;
    for (let bar = 0; bar <= HIGHEST_PX; bar += 9_973) {
      const { line, offset } = placeOfBar(bar, LONG);
      expect(line * LINE_PX + offset).toBeGreaterThan(before);
      before = line * LINE_PX + offset;
    }
  });

  test("a wheel moves by pixels, a dragged bar jumps", () => {
    expect(isJump(120, LONG)).toBe(false);
    expect(isJump(-1_500, LONG)).toBe(false);
    expect(isJump(HIGHEST_PX / 600, LONG)).toBe(true);
    expect(isJump(300, SHORT)).toBe(false);
  });
});

describe("the place at the top", () => {
  const rows = [
    { line: 100, top: 0 },
    { line: 101, top: 60 }, // 100 is wrapped
    { line: 105, top: 80 }, // some are folded
  ];

  test.each([
    [0, 100, 0],
    [59, 100, 59],
    [60, 101, 0],
    [85, 105, 5],
    [-1, 99, 19],
    [-45, 97, 15],
    [100, 106, 0],
    [145, 108, 5],
  ])("%d pixels below the first row", (y, line, offset) => {
    expect(placeAmong(rows, y, 100)).toEqual({ line, offset });
  });

  test("it is never before the first line", () => {
    expect(placeAmong([{ line: 2, top: 0 }], -500, 20)).toEqual({ line: 0, offset: 0 });
  });
});

describe("the lines to draw", () => {
  test("fill the viewport, with some above and below", () => {
    expect(linesToDraw({ line: 500, offset: 0 }, SHORT, never)).toEqual({ first: 470, last: 561 });
    expect(linesToDraw("end", SHORT, never)).toEqual({ first: 940, last: 1_000 });
    expect(linesToDraw({ line: 0, offset: 0 }, { lines: 3, viewport: 600 }, never)).toEqual({
      first: 0,
      last: 3,
    });
  });

  test("those that are folded do not count", () => {
    const isHidden = (line: number) => line >= 900 && line < 990;
    expect(linesToDraw("end", SHORT, isHidden)).toEqual({ first: 850, last: 1_000 });
  });

  test("more are needed above where a line is shown in the middle", () => {
    expect(linesToDraw({ line: 500, offset: -240 }, SHORT, never).first).toBe(458);
  });
});
