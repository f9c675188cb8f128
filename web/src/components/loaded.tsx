import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Problem } from "@/api/problem";
import { Button } from "@/ui/button";
import { Failure, Skeleton } from "@/ui/notice";
import { ErrorText } from "./said";

interface LoadedProps<T> {
  query: UseQueryResult<T>;
  rows?: number;
  children: (data: T) => ReactNode;
}

/** Shows what a query brought; before that its frame, and in its place what went wrong. Old data stays. */
export function Loaded<T>({ query, rows = 4, children }: LoadedProps<T>) {
  const { t } = useTranslation();
  if (query.data !== undefined) return children(query.data);
  if (query.error) return <Trouble error={query.error} onRetry={() => void query.refetch()} />;
  return <Skeleton rows={rows} label={t("loading")} />;
}

/** What went wrong, in the server's own words. */
export function Trouble({ error, onRetry }: { error: Error; onRetry?: () => void }) {
  const { t } = useTranslation();
  const isOffline = error instanceof Problem && error.isOffline;
  return (
    <Failure
      title={t("problem.title")}
      detail={isOffline ? t("problem.offline") : <ErrorText error={error} />}
      action={onRetry && <Button onClick={onRetry}>{t("retry")}</Button>}
    />
  );
}
