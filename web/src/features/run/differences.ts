import type { Schemas } from "@/api/client";
import { bytesText, durationText } from "@/components/moment";

type Comparison = Schemas["ComparisonView"];

/** One thing that is not as it was; a side that is null was not there. */
export interface Difference {
  kind: DifferenceKind;
  /** What of that kind; empty where there is but one. */
  name: string;
  before: string | null;
  after: string | null;
}

export type DifferenceKind =
  | "commit"
  | "revision"
  | "repository"
  | "python"
  | "package"
  | "lockfile"
  | "parameter"
  | "variable"
  | "secret"
  | "setting"
  | "memory"
  | "duration";

const SHORT = 10;

/** List what was changed, the likeliest culprit first: code, packages, inputs, conditions. */
export function changesIn(comparison: Comparison, language: string): Difference[] {
  const { commit, revision, repository, python_version: python, lockfile } = comparison;
  const packages = comparison.packages?.map((change) => named("package", change)) ?? [];
  return [
    ...pair("repository", repository),
    ...(differs(commit) ? pair("commit", shortened(commit)) : pair("revision", shortened(revision))),
    ...packages,
    ...(packages.length === 0 ? pair("lockfile", shortened(lockfile)) : []),
    ...pair("python", python),
    ...comparison.parameters.map((change) => named("parameter", valuesOf(change))),
    ...comparison.variables.map((change) => named("variable", change)),
    ...comparison.secrets.map((change) => named("secret", change)),
    ...comparison.settings.map((change) => named("setting", settingOf(change, language))),
  ];
}

/** List what both used, where it is known of both. */
export function usageIn(comparison: Comparison, language: string): Difference[] {
  return [
    ...numbers("memory", comparison.peak_memory_bytes, (bytes) => bytesText(bytes, language)),
    ...numbers("duration", comparison.duration_seconds, (seconds) => durationText(seconds, language)),
  ];
}

type Pair<T> = { before: T | null; after: T | null };

const differs = ({ before, after }: Pair<string>) => before !== null && after !== null && before !== after;

/** Of keys that nobody gave, one that is not known tells nothing. */
function pair(kind: DifferenceKind, sides: Pair<string>): Difference[] {
  return differs(sides) ? [{ kind, name: "", before: sides.before, after: sides.after }] : [];
}

function shortened({ before, after }: Pair<string>): Pair<string> {
  if (before === null || after === null) return { before, after };
  const cut = (key: string) => key.replace(/^content-/, "").slice(0, SHORT);
  return { before: cut(before), after: cut(after) };
}

function named(kind: DifferenceKind, change: Pair<string> & { name: string }): Difference {
  return { kind, name: change.name, before: change.before, after: change.after };
}

/** `null` as a value is something else than no value. */
function valuesOf(change: Schemas["ValueChange"]): Pair<string> & { name: string } {
  return {
    name: change.name,
    before: change.difference === "added" ? null : valueText(change.before),
    after: change.difference === "removed" ? null : valueText(change.after),
  };
}

const valueText = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));

/** How the manifest calls what a run was promised. */
const MANIFEST_NAMES: Record<string, string> = {
  timeout_seconds: "timeout",
  cpu_cores: "cpu_hard_limit",
  memory_bytes: "mem_hard_limit",
  soft_cpu_cores: "cpu_soft_limit",
  soft_memory_bytes: "mem_soft_limit",
};

function settingOf(change: Schemas["ValueChange"], language: string): Pair<string> & { name: string } {
  const text = (value: unknown) => {
    if (value === null) return null;
    const isSize = change.name.endsWith("_bytes") && typeof value === "number";
    return isSize ? bytesText(value, language) : valueText(value);
  };
  return {
    name: MANIFEST_NAMES[change.name] ?? change.name,
    before: text(change.before),
    after: text(change.after),
  };
}

function numbers(
  kind: DifferenceKind,
  { before, after }: Pair<number>,
  text: (value: number) => string,
): Difference[] {
  if (before === null || after === null) return [];
  return [{ kind, name: "", before: text(before), after: text(after) }];
}
