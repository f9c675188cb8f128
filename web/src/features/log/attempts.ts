import type { Schemas } from "@/api/client";

/** The numbers of the attempts whose output begins with a line, by that line. */
export function attemptsByLine(
  attempts: readonly Pick<Schemas["AttemptView"], "number" | "log_lines">[],
): Map<number, number[]> {
  const starts = new Map<number, number[]>();
  if (attempts.length < 2) return starts;
  let first = 0;
  for (const { number, log_lines } of attempts) {
    starts.set(first, [...(starts.get(first) ?? []), number]);
    first += log_lines ?? 0;
  }
  return starts;
}
