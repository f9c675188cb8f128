import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse } from "msw";
import { beforeEach, expect, test } from "vitest";
import type { Schemas } from "@/api/client";
import { aFailedRun, aRunningRun } from "@/testing/run_details";
import { api, server } from "@/testing/server";
import { show } from "@/testing/show";
import { RunActions } from "./actions";

function signedIn(role: Schemas["Role"], may: string[]) {
  server.use(
    api.get("/api/auth/me", ({ response }) =>
      response(200).json({ kind: "user", name: "ada", role, pipelines: null, may }),
    ),
  );
}

beforeEach(() => signedIn("operator", ["retry_run", "cancel_run", "start_run"]));

test("a run that has ended can be started again, as it was or as it is now", async () => {
  const asked: unknown[] = [];
  server.use(
    api.post("/api/runs/{run_id}/retry", async ({ request, response }) => {
      asked.push(await request.json());
      return response(201).json(aFailedRun({ id: "another" }));
    }),
  );
  await show(<RunActions run={aFailedRun()} />);
  await userEvent.click(screen.getByRole("button", { name: "Start the latest code" }));
  await waitFor(() => expect(asked).toEqual([{ revision: "latest" }]));
});

test("a run that has ended can't be cancelled, and the button says why", async () => {
  await show(<RunActions run={aFailedRun()} />);
  const cancel = screen.getByRole("button", { name: "Cancel" });
  expect(cancel).toHaveAttribute("aria-disabled", "true");
  await userEvent.hover(cancel);
  expect(await screen.findByText("The run has ended.")).toBeVisible();
});

test("a run that goes on can be cancelled but not started again", async () => {
  let isAsked = false;
  server.use(
    api.post("/api/runs/{run_id}/cancel", () => {
      isAsked = true;
      return HttpResponse.json(aRunningRun(), { status: 202 });
    }),
  );
  await show(<RunActions run={aRunningRun()} />);
  expect(screen.getByRole("button", { name: "Start again" })).toHaveAttribute("aria-disabled", "true");
  await userEvent.click(screen.getByRole("button", { name: "Cancel" }));
  await waitFor(() => expect(isAsked).toBe(true));
});

test("who may only look is told that it is the role", async () => {
  signedIn("viewer", ["get_run"]);
  await show(<RunActions run={aFailedRun()} />);
  const again = screen.getByRole("button", { name: "Start again" });
  await waitFor(() => expect(again).toHaveAttribute("aria-disabled", "true"));
  await userEvent.hover(again);
  expect(await screen.findByText(/Your role \(Viewer\) does not allow this/)).toBeVisible();
});

test("a run whose inputs were refused leads to the form that takes others", async () => {
  const refused = { is_allowed: false, reason: "The trigger was rejected; start a new run." };
  await show(
    <RunActions
      run={aFailedRun({
        status: "SKIPPED",
        outcome: "rejected",
        spec: {},
        actions: { cancel: refused, retry: refused },
      })}
    />,
  );
  expect(screen.getByRole("button", { name: "Start with other inputs…" })).toBeVisible();
  await userEvent.hover(screen.getByRole("button", { name: "Start again" }));
  expect(await screen.findByText("Its start was refused; start a new run.")).toBeVisible();
});
