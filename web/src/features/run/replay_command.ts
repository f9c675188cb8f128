import type { Schemas } from "@/api/client";
import { readSpec } from "./spec";

/**
 * Write the command that does on one's own machine what the run did: the same code, inputs and interpreter.
 *
 * It is typed in the folder of the pipelines. The manifest's own variables come by themselves; secrets are
 * never part of it: `fastflow run` names those that it misses.
 */
export function replayCommand(run: Schemas["RunDetail"]): string {
  const spec = readSpec(run.spec);
  const words = ["fastflow", "run", quoted(`./${run.pipeline_name}`)];
  for (const [name, value] of Object.entries(spec.givenParameters)) {
    words.push("--param", quoted(`${name}=${parameterText(value)}`));
  }
  for (const [name, value] of Object.entries(spec.variables)) words.push("--env", quoted(`${name}=${value}`));
  if (spec.pythonVersion !== null) words.push("--python", quoted(spec.pythonVersion));
  const command = words.join(" ");
  return run.commit === null ? command : `git checkout ${run.commit} && ${command}`;
}

/** `--param` reads JSON where it is JSON, as Python does: a text that looks like it has to come as JSON too. */
function parameterText(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value);
  if (/^\s*(NaN|-?Infinity)\s*$/.test(value)) return JSON.stringify(value);
  try {
    JSON.parse(value);
    return JSON.stringify(value);
  } catch {
    return value;
  }
}

/** For a POSIX shell. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
