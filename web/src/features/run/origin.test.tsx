import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import type { Schemas } from "@/api/client";
import { aFailedRun } from "@/testing/run_details";
import { show } from "@/testing/show";
import { Origin } from "./origin";

type Cause = NonNullable<Schemas["RunDetail"]["cause"]>;

/** What is told of each kind of cause. */
const TOLD: Record<Cause["kind"], [cause: Cause, texts: RegExp[]]> = {
  request: [{ kind: "request", triggered_by: { kind: "token", name: "ci" } }, [/Started by/, /the token ci/]],
  schedule: [
    {
      kind: "schedule",
      schedule_id: "s1",
      schedule_key: "nightly",
      due_at: "2026-01-02T03:00:00Z",
      rule: "every day at 03:00",
      is_late: true,
      coalesced: 2,
    },
    [/nightly/, /every day at 03:00/, /2 Jan 2026/, /caught up/, /stands for 2 earlier missed/],
  ],
  webhook: [
    { kind: "webhook", delivery_id: "d-17", remote: "192.0.2.7", has_payload: true },
    [/d-17/, /from 192\.0\.2\.7/],
  ],
  upstream: [
    {
      kind: "upstream",
      run_id: "r1",
      pipeline_name: "extract",
      status: "SUCCESS",
      outcome: "exited",
      route: "eu",
      depth: 1,
    },
    [/Follows/, /extract/, /by its route eu/],
  ],
};

test.each(Object.entries(TOLD))("a run says what made it exist: %s", async (_, [cause, texts]) => {
  await show(
    <dl>
      <Origin run={aFailedRun({ cause })} />
    </dl>,
  );
  for (const text of texts) expect(screen.getByText(text)).toBeVisible();
});

test("a run leads to the one that it repeats and to those that it started", async () => {
  const run = aFailedRun({
    retry_of: "01a21611-70b6-7568-ac5c-2a034cd20e99",
    downstream: [{ id: "after", pipeline_name: "load", status: "RUNNING", reason: null }],
  });
  await show(
    <dl>
      <Origin run={run} />
    </dl>,
  );
  expect(screen.getByRole("link", { name: "run d20e99" })).toHaveAttribute("href", `/runs/${run.retry_of}`);
  expect(screen.getByRole("link", { name: "load" })).toHaveAttribute("href", "/runs/after");
});
