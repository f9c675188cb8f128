import { ask, client, type Schemas } from "@/api/client";
import type { paths } from "@/api/schema";
import type { LogLine } from "./page_cache";

type Content = paths["/api/runs/{run_id}/logs"]["get"]["responses"][200]["content"];
type WireLine = Content["application/x-ndjson"];

/** More of a line is not kept or drawn unless it is asked for. */
export const LONGEST_TEXT = 10_000;

export interface PageAnswer {
  lines: LogLine[];
  nextLine: number;
  totalLines: number;
  /** Nothing will be added to the log. */
  isComplete: boolean;
}

interface PageQuestion {
  from: number;
  limit: number;
  signal?: AbortSignal | undefined;
}

/** Read a stretch of a run's log. */
export async function readPage(runId: string, { from, limit, signal }: PageQuestion): Promise<PageAnswer> {
  const { body, response } = await fetchPage(runId, { from, limit, signal });
  const number = (name: string) => Number(response.headers.get(name));
  return {
    lines: parseLines(body).map((line) => lineOf(line.number, line)),
    nextLine: number("X-Next-Line"),
    totalLines: number("X-Lines"),
    isComplete: response.headers.get("X-Complete") === "true",
  };
}

/** Ask how many lines there are by now. */
export function readTotal(runId: string, signal?: AbortSignal): Promise<PageAnswer> {
  return readPage(runId, { from: Number.MAX_SAFE_INTEGER, limit: 1, signal });
}

/** Look for a text for a fraction of a second; `next_line` says where to go on. */
export function findHits(
  runId: string,
  text: string,
  from: number,
  signal: AbortSignal,
): Promise<Schemas["LogHitsView"]> {
  return ask(
    client.GET("/api/runs/{run_id}/logs/search", {
      params: { path: { run_id: runId }, query: { text, from_line: from, limit: 10_000 } },
      signal,
    }),
  );
}

/** Read the whole text of these lines, however long they are, as it was written. */
export async function readTexts(runId: string, from: number, limit: number): Promise<string[]> {
  const { body } = await fetchPage(runId, { from, limit });
  return parseLines(body).map(({ line }) => line);
}

async function fetchPage(runId: string, { from, limit, signal }: PageQuestion) {
  const call = client.GET("/api/runs/{run_id}/logs", {
    params: {
      path: { run_id: runId },
      query: { from_line: from, limit },
    },
    headers: { Accept: "application/x-ndjson" },
    parseAs: "text",
    ...(signal && { signal }),
  });
  // Where there is no content, there is no text either.
  const body = ((await ask(call)) as string | undefined) ?? "";
  const { response } = await call;
  return { body, response };
}

function parseLines(body: string): WireLine[] {
  // JSON has no raw newline within a text: all lines can be parsed at once.
  return JSON.parse(`[${body.trimEnd().replaceAll("\n", ",")}]`) as WireLine[];
}

/** Make a line of what came for it, by page or by stream. */
export function lineOf(number: number, { line, stream, at }: Omit<WireLine, "number">): LogLine {
  return { number, text: shortened(line), length: line.length, isError: stream === "stderr", at };
}

function shortened(text: string): string {
  if (text.length <= LONGEST_TEXT) return text;
  // A mere slice would keep the whole text, up to 16 MiB, in memory behind it.
  return JSON.parse(JSON.stringify(text.slice(0, LONGEST_TEXT))) as string;
}
