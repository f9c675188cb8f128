import { CSPProvider } from "@base-ui/react/csp-provider";
import { Tooltip } from "@base-ui/react/tooltip";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { useTranslation } from "react-i18next";
import { Problem } from "@/api/problem";
import { Announcements } from "@/ui/toast";
import { Gate } from "./gate";
import { Live } from "./live";
import { createAppRouter } from "./routes";

const LONGEST_RETRY_MS = 10_000;

const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // Events say when something has changed; a query is not asked again merely because a page is opened.
      staleTime: 30_000,
      retry: (count, error) =>
        error instanceof Problem && (error.isOffline || error.status >= 500) && count < 3,
      retryDelay: (count) => Math.min(500 * 2 ** count, LONGEST_RETRY_MS),
      networkMode: "always", // a server on this machine is there without a network
    },
    mutations: { networkMode: "always" },
  },
});

const router = createAppRouter(queryClient);

/** The whole app. */
export function App() {
  const { t } = useTranslation();
  return (
    <StrictMode>
      <CSPProvider disableStyleElements>
        <QueryClientProvider client={queryClient}>
          <Tooltip.Provider delay={400}>
            <Gate>
              <Live />
              <RouterProvider router={router} />
            </Gate>
            <Announcements closeLabel={t("close")} />
          </Tooltip.Provider>
        </QueryClientProvider>
      </CSPProvider>
    </StrictMode>
  );
}

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
