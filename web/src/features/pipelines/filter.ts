import type { Schemas } from "@/api/client";

export type PipelineSummary = Schemas["PipelineList"]["pipelines"][number];

export const ONLY = ["failing", "invalid", "disabled"] as const;
export type Only = (typeof ONLY)[number];

/** What narrows the list of pipelines; it stands in the URL. */
export interface PipelineFilter {
  text?: string;
  /** A pipeline has to have all of them. */
  tag?: string[];
  /** A pipeline has to be one of these. */
  only?: Only[];
}

/** Read a filter from an address; what can't be right is left out. */
export function readPipelineFilter(search: Record<string, unknown>): PipelineFilter {
  const tag = [search.tag].flat().filter((each): each is string => typeof each === "string" && each !== "");
  const only = [search.only].flat().filter((each): each is Only => ONLY.includes(each as Only));
  return {
    ...(typeof search.text === "string" && search.text && { text: search.text }),
    ...(tag.length > 0 && { tag }),
    ...(only.length > 0 && { only }),
  };
}

/** Return the pipelines that a filter leaves, in the order that they have. */
export function filtered(pipelines: readonly PipelineSummary[], filter: PipelineFilter): PipelineSummary[] {
  const words = (filter.text ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  return pipelines.filter(
    (pipeline) =>
      (filter.tag ?? []).every((tag) => pipeline.tags.includes(tag)) &&
      (filter.only === undefined || filter.only.some((kind) => IS[kind](pipeline))) &&
      has(pipeline, words),
  );
}

const IS: Record<Only, (pipeline: PipelineSummary) => boolean> = {
  failing: (pipeline) => pipeline.is_failing,
  invalid: (pipeline) => !pipeline.is_valid,
  disabled: (pipeline) => !pipeline.is_enabled,
};

function has({ name, description, tags, repository }: PipelineSummary, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const text = [name, description ?? "", repository ?? "", ...tags].join("\n").toLowerCase();
  return words.every((word) => text.includes(word));
}

/** Count how many pipelines each filter would leave, and each tag, the most frequent first. */
export function counted(pipelines: readonly PipelineSummary[]) {
  const tags = new Map<string, number>();
  const only: Record<Only, number> = { failing: 0, invalid: 0, disabled: 0 };
  for (const pipeline of pipelines) {
    for (const tag of pipeline.tags) tags.set(tag, (tags.get(tag) ?? 0) + 1);
    for (const kind of ONLY) if (IS[kind](pipeline)) only[kind] += 1;
  }
  return { only, tags: [...tags].sort(([a, x], [b, y]) => y - x || a.localeCompare(b)) };
}

/** Switch one of several on or off; `undefined` when none is left, so that it leaves the URL. */
export function toggled<T>(values: readonly T[] | undefined, value: T): T[] | undefined {
  const without = (values ?? []).filter((each) => each !== value);
  const now = without.length === (values ?? []).length ? [...without, value] : without;
  return now.length > 0 ? now : undefined;
}
