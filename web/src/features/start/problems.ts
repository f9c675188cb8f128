import type { Problem } from "@/api/problem";
import type { SchemaField } from "./schema";

export interface SortedProblems {
  /** By the name of a parameter that has an input. */
  parameters: Record<string, string>;
  /** By the name of a variable. */
  variables: Record<string, string>;
  /** What belongs to no input. */
  rest: string[];
}

/** Sort what the server complained about to the inputs that it is about. */
export function sorted(problem: Problem | null, fields: readonly SchemaField[]): SortedProblems {
  const result: SortedProblems = { parameters: {}, variables: {}, rest: [] };
  if (problem === null) return result;
  const complaints = Object.entries(problem.fields).filter(([, text]) => typeof text === "string");
  for (const [place, text] of complaints as [string, string][]) {
    const field = fields.find(({ name }) => isWithin(place, `parameters.${name}`));
    if (field) result.parameters[field.name] ??= detailed(place, `parameters.${field.name}`, text);
    else if (place.startsWith("env_vars.")) result.variables[place.slice("env_vars.".length)] = text;
    else if (isWithin(place, "parameters") || place === "env_vars") result.rest.push(`${place} ${text}`);
  }
  const isSorted = [result.parameters, result.variables].some((by) => Object.keys(by).length > 0);
  if (!isSorted && result.rest.length === 0) result.rest.push(problem.message);
  return result;
}

const isWithin = (place: string, whole: string) =>
  place === whole || place.startsWith(`${whole}.`) || place.startsWith(`${whole}[`);

/** Of an entry of a list, or a part of an object, say which. */
function detailed(place: string, whole: string, text: string): string {
  const part = place.slice(whole.length).replace(/^\./, "");
  return part ? `${part}: ${text}` : text.charAt(0).toUpperCase() + text.slice(1);
}
