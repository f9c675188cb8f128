import { expect, test } from "vitest";
import { parseAnsi, plainText } from "./ansi";
import { colorOf256, colorOfRgb } from "./ansi_colors";

const ESC = "\u001b";

test("a line without escapes is one piece without looks", () => {
  expect(parseAnsi("plain <b>text</b> & ü\tx")).toEqual([{ text: "plain <b>text</b> & ü\tx", look: {} }]);
  expect(parseAnsi("")).toEqual([]);
});

test("colours and weights hold until they are ended", () => {
  expect(parseAnsi(`${ESC}[1;31mred${ESC}[22m thin${ESC}[39m${ESC}[4m under${ESC}[m plain`)).toEqual([
    { text: "red", look: { isBold: true, color: "red" } },
    { text: " thin", look: { color: "red" } },
    { text: " under", look: { isUnderlined: true } },
    { text: " plain", look: {} },
  ]);
});

test.each([
  ["32", { color: "green" }],
  ["92", { color: "green" }],
  ["90", { color: "faint" }],
  ["97", { color: "plain" }],
  ["30", { color: "faint" }],
  ["44", { ground: "blue" }],
  ["105", { ground: "magenta" }],
  ["38;5;196", { color: "red" }],
  ["48;5;21;1", { ground: "blue", isBold: true }],
  ["38;2;0;200;0", { color: "green" }],
  ["38:2::0:200:0", { color: "green" }],
  ["38:5:51;3", { color: "cyan", isItalic: true }],
  ["7", { isInverse: true }],
  ["9;2", { isStruck: true, isDim: true }],
  ["4:0", {}],
  ["4:3", { isUnderlined: true }],
  ["38;5;999", {}],
  ["38", {}],
  ["10;11;55;73", {}],
  [">4;2", {}],
])("looks of %s", (parameters, look) => {
  expect(parseAnsi(`${ESC}[${parameters}mx`)).toEqual([{ text: "x", look }]);
});

test.each([
  ["cursor movement", `a${ESC}[2Kb${ESC}[10;5Hc${ESC}[?25ld`, "abcd"],
  ["a link (OSC 8)", `${ESC}]8;;https://example.org${ESC}\\here${ESC}]8;;${ESC}\\!`, "here!"],
  ["a title that ends with a bell", `${ESC}]0;title\u0007text`, "text"],
  ["a string that never ends", `text${ESC}]0;and so on`, "text"],
  ["a device control string", `a${ESC}Pq#0;2;0;0;0${ESC}\\b`, "ab"],
  ["a character set", `${ESC}(Bok${ESC}=`, "ok"],
  ["eight-bit controls", "a\u009b31mb\u009d0;x\u009cc", "abc"],
  ["an escape at the end", `end${ESC}`, "end"],
  ["an unfinished sequence", `end${ESC}[31`, "end31"],
  ["bells, backspaces and nulls", "a\u0007b\bc\0d", "abcd"],
])("what is no look is dropped: %s", (_, line, text) => {
  expect(plainText(line)).toBe(text);
});

test("a progress bar is shown as it was last", () => {
  expect(plainText("\r 10 %\r 50 %\r100 %")).toBe("100 %");
  expect(plainText("line of Windows\r")).toBe("line of Windows");
  expect(parseAnsi(`${ESC}[32m1/2\r2/2`)).toEqual([{ text: "2/2", look: { color: "green" } }]);
});

test("a long hostile line takes no time", () => {
  const began = performance.now();
  parseAnsi(`${ESC}[`.repeat(20_000) + `${ESC}]`.repeat(20_000) + ";".repeat(100_000));
  parseAnsi(`${ESC}[${";".repeat(100_000)}m`);
  expect(performance.now() - began).toBeLessThan(1_000);
});

test("every colour finds one that can be read", () => {
  expect([0, 1, 8, 15, 16, 208, 231, 232, 255].map(colorOf256)).toEqual([
    "faint",
    "red",
    "faint",
    "plain",
    "faint",
    "yellow",
    "plain",
    "faint",
    "plain",
  ]);
  expect(colorOf256(-1)).toBeUndefined();
  expect(colorOfRgb(120, 80, 255)).toBe("blue");
  expect(colorOfRgb(255, 105, 180)).toBe("magenta");
  expect(colorOfRgb(250, 250, 250)).toBe("plain");
});
