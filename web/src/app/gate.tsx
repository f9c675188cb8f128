import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { onSignedOut } from "@/api/session";
import { Trouble } from "@/components/loaded";
import { entryQuery } from "@/features/account/queries";
import { SetUpPage } from "@/features/account/set_up_page";
import { SignInPage } from "@/features/account/sign_in_page";
import { Skeleton } from "@/ui/notice";
import { Page } from "@/ui/page";

/** Stands before all pages: whoever has to sign in does that first, and finds the page that they wanted. */
export function Gate({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const entry = useQuery(entryQuery);
  const wasIn = useRef(false);
  if (entry.data === "open" || entry.data === "signed_in") wasIn.current = true;
  useEffect(
    () =>
      onSignedOut(() => {
        // An open server gets its first account while somebody looks at it: then that is asked for, too.
        if (queryClient.getQueryData(entryQuery.queryKey) !== undefined) {
          queryClient.setQueryData(entryQuery.queryKey, "sign_in");
        }
      }),
    [queryClient],
  );
  if (entry.data === "set_up") return <SetUpPage />;
  if (entry.data === "sign_in") return <SignInPage hasEnded={wasIn.current} />;
  if (entry.data !== undefined) return children;
  return (
    <Page title="Fast-Flow">
      {entry.error ? (
        <Trouble error={entry.error} onRetry={() => void entry.refetch()} />
      ) : (
        <Skeleton label={t("loading")} />
      )}
    </Page>
  );
}
