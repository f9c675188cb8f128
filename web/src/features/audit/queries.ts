import { infiniteQueryOptions } from "@tanstack/react-query";
import { ask, client, type Schemas } from "@/api/client";
import type { Preferences } from "@/preferences";
import { type AuditFilter, questionOf } from "./filter";

export type AuditEntry = Schemas["AuditEntry"];

const PAGE = 100;

/** What was done, newest first, page by page. */
export function auditQuery(filter: AuditFilter, zone: Preferences["zone"]) {
  return infiniteQueryOptions({
    queryKey: ["audit", filter, zone],
    // No event tells of a new entry: each look asks.
    staleTime: 0,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }): Promise<Schemas["AuditPage"]> =>
      ask(
        client.GET("/api/audit", {
          signal,
          params: {
            query: { limit: PAGE, ...questionOf(filter, zone), ...(pageParam && { cursor: pageParam }) },
          },
        }),
      ),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
}

/** Fetch all of it as a file. */
export async function exportAudit(
  filter: AuditFilter,
  zone: Preferences["zone"],
  format: "csv" | "ndjson",
): Promise<Blob> {
  const content: unknown = await ask(
    client.GET("/api/audit/export", {
      params: { query: { format, ...questionOf(filter, zone) } },
      parseAs: "blob",
    }),
  );
  return content as Blob;
}

export function verifyAudit(): Promise<Schemas["AuditVerification"]> {
  return ask(client.GET("/api/audit/verification"));
}
