/** What of a run's page stands in the URL. */
export interface RunPageSearch {
  /** The attempt whose figures are shown; without it the last one. */
  attempt?: number;
  /** What is looked for in the log. */
  find?: string;
}

/** Read it from an address; what can't be right is left out. */
export function readRunPageSearch(search: Record<string, unknown>): RunPageSearch {
  const attempt = Number(search.attempt);
  // A text of digits comes as a number.
  const find = typeof search.find === "string" || typeof search.find === "number" ? String(search.find) : "";
  return {
    ...(Number.isInteger(attempt) && attempt > 0 && { attempt }),
    ...(find !== "" && find.length <= 500 && { find }),
  };
}
