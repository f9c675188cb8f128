import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { show } from "@/testing/show";
import { RunStrip, type StripRun } from "./run_strip";

const RUNS: StripRun[] = [
  { id: "c", status: "FAILED", created_at: "2026-11-26T03:00:00Z", duration_seconds: 4.2 },
  { id: "b", status: "RUNNING", created_at: "2026-11-25T03:00:00Z", duration_seconds: null },
  { id: "a", status: "SUCCESS", created_at: "2026-11-24T03:00:00Z", duration_seconds: 2 },
];

test("marks go from old to new, each a link that says what it was", async () => {
  await show(<RunStrip runs={RUNS} name="report" />);
  const strip = screen.getByRole("group", { name: "Last runs of report: 3" });
  const labels = within(strip)
    .getAllByRole("link")
    .map((link) => [link.getAttribute("href"), link.textContent]);
  expect(labels).toEqual([
    ["/runs/a", "Succeeded · 24 Nov 2026, 03:00 UTC · 2.0 s"],
    ["/runs/b", "Running · 25 Nov 2026, 03:00 UTC"],
    ["/runs/c", "Failed · 26 Nov 2026, 03:00 UTC · 4.2 s"],
  ]);
});

test("the strip is one stop of the Tab key, at the newest run; arrows move within", async () => {
  const user = userEvent.setup();
  await show(
    <>
      <RunStrip runs={RUNS} name="report" />
      <button type="button">after</button>
    </>,
  );
  await user.tab();
  expect(document.activeElement).toHaveAttribute("href", "/runs/c");
  await user.keyboard("{ArrowLeft}");
  expect(document.activeElement).toHaveAttribute("href", "/runs/b");
  await user.keyboard("{Home}");
  expect(document.activeElement).toHaveAttribute("href", "/runs/a");
  await user.keyboard("{ArrowLeft}{End}");
  expect(document.activeElement).toHaveAttribute("href", "/runs/c");
  await user.tab();
  expect(screen.getByRole("button", { name: "after" })).toHaveFocus();
});

test("without a run there is no strip", async () => {
  await show(<RunStrip runs={[]} name="report" />);
  expect(screen.queryByRole("group")).not.toBeInTheDocument();
});
