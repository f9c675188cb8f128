import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
} from "@tanstack/react-router";
import { late } from "@/components/late";
import { readAuditFilter } from "@/features/audit/filter";
import { readPipelineSearch } from "@/features/pipeline/search";
import { readPipelineFilter } from "@/features/pipelines/filter";
import { readRunPageSearch } from "@/features/run/search";
import { readRunSearch } from "@/features/runs/filter";
import { readScheduleSearch } from "@/features/schedules/search";
import { readSettingsSearch } from "@/features/settings/search";
import { readSyncSearch } from "@/features/sync/search";
import { readUsersSearch } from "@/features/users/search";
import { BrokenPage, MissingPage } from "./fallbacks";
import { Shell } from "./shell";

const root = createRootRouteWithContext<{ queryClient: QueryClient }>()({ component: Shell });

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  component: lazyRouteComponent(
    late(() => import("@/features/home/home_page")),
    "HomePage",
  ),
});

const pipelines = createRoute({
  getParentRoute: () => root,
  path: "/pipelines",
  validateSearch: readPipelineFilter,
  component: lazyRouteComponent(
    late(() => import("@/features/pipelines/pipelines_page")),
    "PipelinesPage",
  ),
});

const pipeline = createRoute({
  getParentRoute: () => root,
  path: "/pipelines/$name",
  validateSearch: readPipelineSearch,
  component: lazyRouteComponent(
    late(() => import("@/features/pipeline/pipeline_page")),
    "PipelinePage",
  ),
});

const runs = createRoute({
  getParentRoute: () => root,
  path: "/runs",
  validateSearch: readRunSearch,
  component: lazyRouteComponent(
    late(() => import("@/features/runs/runs_page")),
    "RunsPage",
  ),
});

const run = createRoute({
  getParentRoute: () => root,
  path: "/runs/$runId",
  validateSearch: readRunPageSearch,
  component: lazyRouteComponent(
    late(() => import("@/features/run/run_page")),
    "RunPage",
  ),
});

const sync = createRoute({
  getParentRoute: () => root,
  path: "/sync",
  validateSearch: readSyncSearch,
  component: lazyRouteComponent(
    late(() => import("@/features/sync/sync_page")),
    "SyncPage",
  ),
});

const secrets = createRoute({
  getParentRoute: () => root,
  path: "/secrets",
  component: lazyRouteComponent(
    late(() => import("@/features/secrets/secrets_page")),
    "SecretsPage",
  ),
});

const users = createRoute({
  getParentRoute: () => root,
  path: "/users",
  validateSearch: readUsersSearch,
  component: lazyRouteComponent(
    late(() => import("@/features/users/users_page")),
    "UsersPage",
  ),
});

const audit = createRoute({
  getParentRoute: () => root,
  path: "/audit",
  validateSearch: readAuditFilter,
  component: lazyRouteComponent(
    late(() => import("@/features/audit/audit_page")),
    "AuditPage",
  ),
});

const settings = createRoute({
  getParentRoute: () => root,
  path: "/settings",
  validateSearch: readSettingsSearch,
  component: lazyRouteComponent(
    late(() => import("@/features/settings/settings_page")),
    "SettingsPage",
  ),
});

const about = createRoute({
  getParentRoute: () => root,
  path: "/about",
  component: lazyRouteComponent(
    late(() => import("@/features/about/about_page")),
    "AboutPage",
  ),
});

const schedules = createRoute({
  getParentRoute: () => root,
  path: "/schedules",
  validateSearch: readScheduleSearch,
  component: lazyRouteComponent(
    late(() => import("@/features/schedules/schedules_page")),
    "SchedulesPage",
  ),
});

const tree = root.addChildren([
  home,
  pipelines,
  pipeline,
  runs,
  run,
  schedules,
  sync,
  secrets,
  users,
  audit,
  settings,
  about,
]);

/** The addresses of the app. Each page is loaded when it is first gone to. */
export function createAppRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { queryClient },
    defaultPreload: "intent",
    defaultErrorComponent: BrokenPage,
    defaultNotFoundComponent: MissingPage,
    scrollRestoration: true,
  });
}
