import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { aFailedRun, aRunningRun } from "@/testing/run_details";
import { show } from "@/testing/show";
import { Progress } from "./progress";

const ago = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();

test("a run that goes on says how long is left, by what its last runs took", async () => {
  await show(<Progress run={aRunningRun({ started_at: ago(150), estimated_seconds: 600 })} />);
  expect(screen.getByText("About 7 min left: its last runs took 10 min.")).toBeVisible();
  expect(screen.getByRole("progressbar", { name: "Progress" })).toHaveAttribute("aria-valuenow", "25");
});

test("a run that takes longer than usual says so", async () => {
  await show(<Progress run={aRunningRun({ started_at: ago(700), estimated_seconds: 600 })} />);
  expect(screen.getByText("Longer than its last runs, which took 10 min.")).toBeVisible();
  expect(screen.getByRole("progressbar", { name: "Progress" })).toHaveAttribute("aria-valuenow", "100");
});

test("a run that waits says how long it will take once it begins", async () => {
  await show(<Progress run={aRunningRun({ status: "PENDING", started_at: null, estimated_seconds: 600 })} />);
  expect(screen.getByText("Its last runs took 10 min.")).toBeVisible();
});

test("a run that is being cancelled has its grace period", async () => {
  await show(<Progress run={aRunningRun({ cancel_requested_at: ago(5), estimated_seconds: 600 })} />);
  expect(screen.getByText(/^Asked to end \d s ago; it is killed if it has not ended/)).toBeVisible();
});

test("nothing is expected of a run that has ended", async () => {
  await show(<Progress run={aFailedRun({ estimated_seconds: 600 })} />);
  expect(screen.queryByRole("progressbar")).toBeNull();
});
