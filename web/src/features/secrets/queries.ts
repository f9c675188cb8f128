import { queryOptions } from "@tanstack/react-query";
import { ask, client, type Schemas } from "@/api/client";

export type Secret = Schemas["SecretView"];

/** All stored secrets by name; never their values. */
export const secretsQuery = queryOptions({
  queryKey: ["secrets"],
  queryFn: ({ signal }) => ask(client.GET("/api/secrets", { signal })),
});

/** All pipelines: what a secret can be for, and which of them lack one. */
export const pipelinesQuery = queryOptions({
  queryKey: ["pipelines"],
  queryFn: ({ signal }) => ask(client.GET("/api/pipelines", { signal })),
});

/** Store a value, for one pipeline alone or for all that list it. */
export function putSecret(name: string, pipeline: string | null, value: string): Promise<Secret> {
  return ask(client.PUT("/api/secrets/{name}", { params: paramsOf(name, pipeline), body: { value } }));
}

export function deleteSecret(secret: Secret): Promise<Secret> {
  return ask(client.DELETE("/api/secrets/{name}", { params: paramsOf(secret.name, secret.pipeline_name) }));
}

function paramsOf(name: string, pipeline: string | null) {
  return { path: { name }, query: pipeline === null ? {} : { pipeline_name: pipeline } };
}
