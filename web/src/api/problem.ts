import type { components } from "./schema";

export type ProblemDocument = components["schemas"]["Problem"];

/** What the server said when it could not do what was asked (RFC 9457), or that it could not be reached. */
export class Problem extends Error {
  readonly code: string;
  readonly status: number;
  readonly fields: Record<string, unknown>;

  constructor(
    document: Pick<ProblemDocument, "code" | "detail" | "status"> & { fields?: Record<string, unknown> },
  ) {
    super(document.detail);
    this.name = "Problem";
    this.code = document.code;
    this.status = document.status;
    this.fields = document.fields ?? {};
  }

  /** Whether nobody answered: the server is down, or the network is. */
  get isOffline(): boolean {
    return this.status === 0;
  }
}

export function unreachable(): Problem {
  return new Problem({ code: "unreachable", status: 0, detail: "The server can't be reached." });
}

/** Make a problem of an answer that is no success. */
export async function problemOf(answer: Response): Promise<Problem> {
  try {
    const document = (await answer.json()) as ProblemDocument;
    if (typeof document.code === "string") return new Problem(document);
  } catch {
    // No JSON: a proxy in front answered, not the server.
  }
  return new Problem({
    code: `http_${answer.status}`,
    status: answer.status,
    detail: `${answer.status} ${answer.statusText}`.trim(),
  });
}
