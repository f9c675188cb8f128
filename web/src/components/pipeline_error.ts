import type { Schemas } from "@/api/client";

/** Return the first thing that makes a pipeline invalid: the field, and what is wrong with it. */
export function errorOf({ problems }: { problems: readonly Schemas["ManifestProblemView"][] }): string {
  const error = problems.find(({ severity }) => severity === "error");
  return [error?.field, error?.message].filter(Boolean).join(": ");
}
