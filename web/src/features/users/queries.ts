import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { ask, client, type Schemas } from "@/api/client";

export type User = Schemas["UserView"];
export type Identity = Schemas["IdentityView"];
export type Token = Schemas["TokenView"];
export type Role = Schemas["Role"];

/** The weakest first. */
export const ROLES = ["viewer", "operator", "editor", "admin"] as const satisfies readonly Role[];

/** Return the roles that somebody of this role can hand on. */
export function rolesUpTo(role: Role): Role[] {
  return ROLES.slice(0, ROLES.indexOf(role) + 1);
}

export const usersQuery = queryOptions({
  queryKey: ["users"],
  queryFn: ({ signal }) => ask(client.GET("/api/users", { signal })),
});

/** Whom providers vouched for. */
export const identitiesQuery = queryOptions({
  queryKey: ["identities"],
  queryFn: ({ signal }) => ask(client.GET("/api/identities", { signal })),
});

export function tokensQuery(ofEverybody: boolean) {
  return queryOptions({
    queryKey: ["tokens", ofEverybody],
    queryFn: ({ signal }) =>
      ask(client.GET("/api/tokens", { signal, params: { query: { everybody: ofEverybody } } })),
  });
}

/** Ask again for whatever is about people: one change often touches several lists. */
export function refreshPeople(queryClient: QueryClient): void {
  for (const key of ["users", "identities", "tokens", "me"]) {
    void queryClient.invalidateQueries({ queryKey: [key] });
  }
}

export function changeUser(name: string, change: Schemas["ChangeUser"]): Promise<User> {
  return ask(client.PATCH("/api/users/{name}", { params: { path: { name } }, body: change }));
}

export function removeUser(name: string): Promise<User> {
  return ask(client.DELETE("/api/users/{name}", { params: { path: { name } } }));
}

export function signUserOut(name: string) {
  return ask(client.POST("/api/users/{name}/logout", { params: { path: { name } } }));
}

export function revokeToken(token: Token): Promise<Token> {
  return ask(client.DELETE("/api/tokens/{token_id}", { params: { path: { token_id: token.id } } }));
}

/** Return the path that names an identity. */
export function pathOf(identity: Identity) {
  return { path: { identity_id: identity.id } };
}
