import { expect, test } from "vitest";
import type { Repository } from "./queries";
import { newRepository, repositoryChange } from "./repository_values";

function form(values: Record<string, string>): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries({ url: "https://git/a.git", ...values })) data.set(name, value);
  return data;
}

const STORED = { authentication: "token" } as Repository;

test("what is left empty is what the remote or the settings say", () => {
  expect(newRepository(form({ name: " acme ", authentication: "none" }))).toMatchObject({
    name: "acme",
    branch: null,
    subdir: "",
    sync_interval_seconds: null,
  });
});

test("only the credential of the chosen kind is sent", () => {
  const values = { name: "acme", token: "ghp_1", github_app: "app", interval: "300" };
  const byToken = newRepository(form({ ...values, authentication: "token" }));
  expect(byToken).toMatchObject({ token: "ghp_1", username: null, sync_interval_seconds: 300 });
  expect(byToken).not.toHaveProperty("github_app");
  const byApp = newRepository(form({ ...values, authentication: "github_app" }));
  expect(byApp).toMatchObject({ github_app: "app" });
  expect(byApp).not.toHaveProperty("token");
});

test("a stored token stays while no other is typed", () => {
  const change = repositoryChange(STORED, form({ authentication: "token", token: "", is_enabled: "on" }));
  expect(change).not.toHaveProperty("token");
  expect(change).not.toHaveProperty("authentication");
  expect(change.is_enabled).toBe(true);
});

test("another token, or another kind of access, is sent", () => {
  expect(repositoryChange(STORED, form({ authentication: "token", token: "new" }))).toMatchObject({
    token: "new",
  });
  const change = repositoryChange(STORED, form({ authentication: "deploy_key" }));
  expect(change).toMatchObject({ authentication: "deploy_key", is_enabled: false });
});
