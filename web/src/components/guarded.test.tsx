import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { api, server } from "@/testing/server";
import { show } from "@/testing/show";
import { Guarded } from "./guarded";

function signIn(role: "viewer" | "admin", may: string[]): void {
  server.use(
    api.get("/api/auth/me", ({ response }) =>
      response(200).json({ kind: "user", name: "vera", role, may, pipelines: null }),
    ),
  );
}

const page = (
  <Guarded operation="list_audit" needs="admin">
    <h2>Entries</h2>
  </Guarded>
);

test("whoever may call the operation sees what is made of it", async () => {
  signIn("admin", ["list_audit"]);
  await show(page);
  expect(await screen.findByRole("heading", { name: "Entries" })).toBeInTheDocument();
});

test("whoever may not is told who may, and what they are", async () => {
  signIn("viewer", ["list_runs"]);
  await show(page);
  expect(await screen.findByText("Only admins see this")).toBeInTheDocument();
  expect(screen.getByText(/You are vera, with the role Viewer/)).toBeInTheDocument();
  expect(screen.queryByRole("heading", { name: "Entries" })).not.toBeInTheDocument();
});
