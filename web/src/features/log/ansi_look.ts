import { colorOf256, colorOfRgb, type InkColor, STANDARD } from "./ansi_colors";

/** How a piece of a line looks. */
export interface Look {
  color?: InkColor;
  ground?: InkColor;
  isBold?: boolean;
  isDim?: boolean;
  isItalic?: boolean;
  isUnderlined?: boolean;
  isStruck?: boolean;
  isInverse?: boolean;
}

const STARTS: Record<number, keyof Look> = {
  1: "isBold",
  2: "isDim",
  3: "isItalic",
  4: "isUnderlined",
  7: "isInverse",
  9: "isStruck",
  21: "isUnderlined",
};
const ENDS: Record<number, readonly (keyof Look)[]> = {
  22: ["isBold", "isDim"],
  23: ["isItalic"],
  24: ["isUnderlined"],
  27: ["isInverse"],
  29: ["isStruck"],
  39: ["color"],
  49: ["ground"],
};
/**
 * A colour of 256, or of red, green and blue: the numbers that follow, or, with colons (ISO 8613-6), the parts
 * of the same parameter.
 */
const EXTENDED: Record<number, "color" | "ground"> = { 38: "color", 48: "ground" };
/** No terminal follows more in one sequence. */
const MOST_CODES = 32;
/** By the tens of a code. */
const COLORED: Record<number, "color" | "ground"> = { 3: "color", 4: "ground", 9: "color", 10: "ground" };

/** Follow the parameters of a "select graphic rendition" sequence; what it does not know changes nothing. */
export function lookAfter(look: Look, parameters: string): Look {
  if (!/^[\d;:]*$/.test(parameters)) return look; // private: no looks
  let next: Look = { ...look };
  const codes = parameters.split(";", MOST_CODES);
  for (let code = codes.shift(); code !== undefined; code = codes.shift()) {
    const [kind = 0, ...parts] = code.split(":").map(Number);
    const place = EXTENDED[kind];
    if (kind === 0) next = {};
    else if (place === undefined) apply(next, kind, parts);
    else setColor(next, place, parts.length > 0 ? withoutSpace(parts) : takeColor(codes));
  }
  return next;
}

function apply(look: Look, code: number, parts: readonly number[]): void {
  const isOff = code === 4 && parts[0] === 0; // 4:0, no underline
  for (const key of isOff ? (["isUnderlined"] as const) : (ENDS[code] ?? [])) delete look[key];
  const start = isOff ? undefined : STARTS[code];
  if (start !== undefined) Object.assign(look, { [start]: true });
  const place = COLORED[Math.floor(code / 10)];
  const color = STANDARD[code % 10];
  if (place !== undefined && color !== undefined) look[place] = color;
}

/** Take the numbers of a colour, `5;n` or `2;r;g;b`, from the codes that follow. */
function takeColor(codes: string[]): number[] {
  const lengths: Record<string, number> = { 5: 2, 2: 4 };
  return codes.splice(0, lengths[codes[0] ?? ""] ?? 1).map(Number);
}

/** `2::r:g:b` names a colour space before the colour. */
function withoutSpace(parts: number[]): number[] {
  return parts[0] === 2 && parts.length > 4 ? [2, ...parts.slice(2)] : parts;
}

function setColor(
  look: Look,
  place: "color" | "ground",
  [kind, one = 0, two = 0, three = 0]: number[],
): void {
  const color = kind === 5 ? colorOf256(one) : kind === 2 ? colorOfRgb(one, two, three) : undefined;
  if (color !== undefined) look[place] = color;
}
