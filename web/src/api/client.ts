import createClient from "openapi-fetch";
import { problemOf, unreachable } from "./problem";
import type { components, paths } from "./schema";
import { authorizedFetch } from "./session";

export type Schemas = components["schemas"];

/** The API as its own description says. Calls fail with a `Problem`; see `ask`. */
export const client = createClient<paths>({
  baseUrl: globalThis.location?.origin ?? "http://localhost",
  querySerializer: { array: { style: "form", explode: true } },
  fetch: async (request) => {
    try {
      return await authorizedFetch(request);
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") throw error;
      throw unreachable();
    }
  },
});

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** Return what a call of the client brought, or throw the server's problem. */
export async function ask<T>(call: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await call;
  if (response.ok) return data as T;
  throw await problemOf(
    new Response(JSON.stringify(error), { status: response.status, statusText: response.statusText }),
  );
}
