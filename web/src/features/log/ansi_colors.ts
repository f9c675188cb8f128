/** The colours that a log may use: each has a token that is readable on the light and on the dark ground. */
export type InkColor = "faint" | "red" | "green" | "yellow" | "blue" | "magenta" | "cyan" | "plain";

/** What programs call black to white. Black on black and white on white can't be read: they get a grey and ink. */
export const STANDARD: readonly InkColor[] = [
  "faint",
  "red",
  "green",
  "yellow",
  "blue",
  "magenta",
  "cyan",
  "plain",
];

const CUBE_STEPS = [0, 95, 135, 175, 215, 255];

/** Find the colour closest to one of the 256 of xterm. */
export function colorOf256(index: number): InkColor | undefined {
  if (!(index >= 0 && index <= 255)) return undefined;
  if (index < 16) return index === 8 ? "faint" : STANDARD[index % 8];
  if (index >= 232) return greyOf(8 + (index - 232) * 10);
  const cube = index - 16;
  const step = (place: number) => CUBE_STEPS[Math.floor(cube / place) % 6] ?? 0;
  return colorOfRgb(step(36), step(6), step(1));
}

/** Where each colour of the circle ends, in degrees. */
const HUES: readonly (readonly [number, InkColor])[] = [
  [18, "red"],
  [75, "yellow"],
  [165, "green"],
  [200, "cyan"],
  [258, "blue"],
  [338, "magenta"],
  [360, "red"],
];

/** Find the colour closest in hue; how light it is follows the ground that it is on. */
export function colorOfRgb(red: number, green: number, blue: number): InkColor {
  const most = Math.max(red, green, blue);
  const range = most - Math.min(red, green, blue);
  if (range < 32 || range / most < 0.2) return greyOf(most);
  const hue = hueOf(red, green, blue, most, range);
  return HUES.find(([end]) => hue <= end)?.[1] ?? "red";
}

function hueOf(red: number, green: number, blue: number, most: number, range: number): number {
  let sixths: number;
  if (most === red) sixths = (green - blue) / range;
  else if (most === green) sixths = 2 + (blue - red) / range;
  else sixths = 4 + (red - green) / range;
  return (sixths * 60 + 360) % 360;
}

function greyOf(light: number): InkColor {
  return light < 160 ? "faint" : "plain";
}
