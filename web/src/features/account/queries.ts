import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { ask, client } from "@/api/client";
import { currentToken, refresh } from "@/api/session";

/** What has to happen before the pages can be shown. */
export type Entry = "open" | "signed_in" | "sign_in" | "set_up";

/** Whether somebody has to sign in, or to make the first account. Never out of date by itself. */
export const entryQuery = queryOptions({
  queryKey: ["entry"],
  staleTime: Number.POSITIVE_INFINITY,
  queryFn: async ({ signal }): Promise<Entry> => {
    const setUp = await ask(client.GET("/api/setup", { signal }));
    if (setUp.is_open) return "open";
    if (setUp.is_needed) return "set_up";
    return currentToken() !== null || (await refresh()) ? "signed_in" : "sign_in";
  },
});

/** Where else people can sign in. */
export const providersQuery = queryOptions({
  queryKey: ["providers"],
  queryFn: ({ signal }) => ask(client.GET("/api/auth/providers", { signal })),
});

/** Forget all that somebody saw, and go to where it is decided who sees what. */
export function enter(queryClient: QueryClient, entry: Entry): void {
  queryClient.setQueryData(entryQuery.queryKey, entry);
  queryClient.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== entryQuery.queryKey[0] });
}
