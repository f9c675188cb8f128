import { infiniteQueryOptions, type QueryClient, queryOptions } from "@tanstack/react-query";
import { ask, client, type Schemas } from "@/api/client";

export type Repository = Schemas["RepositoryView"];
export type RepositoryStatus = Schemas["RepositoryStatusView"];
export type Sync = Schemas["SyncView"];
export type Changes = Schemas["Changes"];
export type Plan = Schemas["PlanView"];
export type GitHubApp = Schemas["GitHubAppView"];

/** Events tell when a sync begins and ends; what it does between them has to be asked for. */
const LOOK_EVERY_MS = 1000;
const PAGE = 50;

export const statusQuery = queryOptions({
  queryKey: ["sync", "status"],
  queryFn: ({ signal }) => ask(client.GET("/api/sync/status", { signal })),
  refetchInterval: ({ state }) =>
    state.data?.repositories.some(({ phase, is_waiting }) => phase !== null || is_waiting)
      ? LOOK_EVERY_MS
      : false,
});

export const repositoriesQuery = queryOptions({
  queryKey: ["repositories"],
  queryFn: ({ signal }) => ask(client.GET("/api/repositories", { signal })),
});

/** The log of syncs, newest first, page by page. */
export function syncLogQuery(repository: string | undefined) {
  return infiniteQueryOptions({
    queryKey: ["sync", "log", repository],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }): Promise<Schemas["SyncPage"]> =>
      ask(
        client.GET("/api/sync/log", {
          signal,
          params: {
            query: {
              limit: PAGE,
              ...(repository && { repository }),
              ...(pageParam && { cursor: pageParam }),
            },
          },
        }),
      ),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
}

export function syncQuery(id: string) {
  return queryOptions({
    queryKey: ["sync", "one", id],
    queryFn: ({ signal }) =>
      ask(client.GET("/api/sync/{sync_id}", { signal, params: { path: { sync_id: id } } })),
  });
}

/** What Git hosts told of pushes, newest first. */
export function deliveriesQuery(name: string) {
  return queryOptions({
    queryKey: ["sync", "deliveries", name],
    queryFn: ({ signal }) =>
      ask(
        client.GET("/api/repositories/{name}/deliveries", {
          signal,
          params: { path: { name }, query: { limit: PAGE } },
        }),
      ),
  });
}

export const githubAppsQuery = queryOptions({
  queryKey: ["github_apps"],
  queryFn: ({ signal }) => ask(client.GET("/api/github-apps", { signal })),
});

/** Asks GitHub, so it may take a while, or fail. */
export function installationsQuery(name: string) {
  return queryOptions({
    queryKey: ["github_apps", name, "installations"],
    retry: false,
    queryFn: ({ signal }) =>
      ask(client.GET("/api/github-apps/{name}/installations", { signal, params: pathOf(name) })),
  });
}

/** Begin to sync one repository, or all. */
export function startSync(repository: string | null) {
  return ask(client.POST("/api/sync", { body: { repository, dry_run: false, wait: false } }));
}

/** Say what a sync would change. */
export async function planSync(repository: string | null): Promise<Plan[]> {
  const answer = await ask(client.POST("/api/sync", { body: { repository, dry_run: true, wait: false } }));
  return answer.plans;
}

/** What to change of a repository: all may be left out, though a default makes the schema say otherwise. */
export type RepositoryChange = Partial<Schemas["ChangeRepository"]>;

export function changeRepository(name: string, change: RepositoryChange): Promise<Repository> {
  return ask(
    client.PATCH("/api/repositories/{name}", {
      params: pathOf(name),
      body: change as Schemas["ChangeRepository"],
    }),
  );
}

export function refreshRepositories(queryClient: QueryClient): void {
  for (const key of ["repositories", "sync"]) void queryClient.invalidateQueries({ queryKey: [key] });
}

/** Return the path that names a repository or an App. */
export function pathOf(name: string) {
  return { path: { name } };
}
