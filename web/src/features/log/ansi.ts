import { type Look, lookAfter } from "./ansi_look";

/** Text that looks alike. */
export interface Piece {
  text: string;
  look: Look;
}

const PLAIN: Look = {};

/**
 * Text; a carriage return; then the sequences of ECMA-48: CSI with its parameters and its last character, those
 * with a text of their own (OSC, DCS, SOS, PM, APC), short ones; and any other control character.
 */
const TOKEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
  /([^\x00-\x08\x0a-\x1f\x7f-\x9f]+)|(\r)|(?:\x1b\[|\x9b)([0-?]*)[ -/]*([@-~])|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c|$)|\x1b[ -/]*[0-~]|[\s\S]/g;

/**
 * Cut a line into pieces that look alike.
 *
 * Of escape sequences those for looks are followed, all others dropped. A carriage return starts the line
 * anew, so that a progress bar is shown as it was last. What comes out is text, whatever it says.
 */
export function parseAnsi(line: string): Piece[] {
  let pieces: Piece[] = [];
  let look = PLAIN;
  let startsAnew = false;
  for (const [, text, carriageReturn, parameters, final] of line.matchAll(TOKEN)) {
    if (text !== undefined) {
      if (startsAnew) pieces = [];
      startsAnew = false;
      append(pieces, text, look);
    } else if (carriageReturn !== undefined) {
      startsAnew = true;
    } else if (final === "m") {
      look = lookAfter(look, parameters ?? "");
    }
  }
  return pieces;
}

function append(pieces: Piece[], text: string, look: Look): void {
  const last = pieces.at(-1);
  if (last?.look === look) last.text += text;
  else pieces.push({ text, look });
}

/** The text of a line as it is shown. */
export function plainText(line: string): string {
  return parseAnsi(line)
    .map(({ text }) => text)
    .join("");
}
