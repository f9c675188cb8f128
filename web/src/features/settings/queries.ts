import { queryOptions } from "@tanstack/react-query";
import { ask, client } from "@/api/client";

/** All settings as they are in force. They change only when the server starts anew. */
export const settingsQuery = queryOptions({
  queryKey: ["settings"],
  queryFn: ({ signal }) => ask(client.GET("/api/settings", { signal })),
});
