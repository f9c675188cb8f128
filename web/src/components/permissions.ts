import { queryOptions, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { ask, client } from "@/api/client";
import type { operations } from "@/api/schema";

/** The name of an operation of the API, as `GET /api/auth/me` lists those that one may call. */
export type Operation = keyof operations;

/** Who looks at the pages, and what they may do. */
export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: ({ signal }) => ask(client.GET("/api/auth/me", { signal })),
});

/** Return why the viewer's role does not allow an operation; null: it does, or that is not known yet. */
export function useRefusal(operation: Operation): string | null {
  const { t } = useTranslation();
  const { data: me } = useQuery(meQuery);
  if (me === undefined || me.may.includes(operation)) return null;
  return t("role.tooLow", { role: t(`role.${me.role}`) });
}
