import { setupServer } from "msw/node";
import { createOpenApiHttp } from "openapi-msw";
import type { paths } from "@/api/schema";

/** Answers the requests of tests; `api.get(…)` takes only paths, and gives only answers, that the schema has. */
export const server = setupServer();
export const api = createOpenApiHttp<paths>({ baseUrl: location.origin });
