import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import type { Schemas } from "@/api/client";
import { api, server } from "@/testing/server";
import { show } from "@/testing/show";
import { Differs } from "./differs";

const SAME = { before: null, after: null };

function compared(differs: Partial<Schemas["ComparisonView"]>) {
  server.use(
    api.get("/api/runs/{run_id}/comparison", ({ response }) =>
      response(200).json({
        run_id: "this",
        baseline_run_id: "that",
        revision: SAME,
        commit: SAME,
        repository: SAME,
        lockfile: SAME,
        python_version: SAME,
        duration_seconds: SAME,
        peak_memory_bytes: SAME,
        cpu_seconds: SAME,
        packages: [],
        parameters: [],
        variables: [],
        secrets: [],
        settings: [],
        ...differs,
      }),
    ),
  );
}

/** The rows of the table, cell by cell. */
async function rows(): Promise<string[][]> {
  const table = await screen.findByRole("table");
  return within(table)
    .getAllByRole("row")
    .slice(1)
    .map((row) => [...row.children].map((cell) => cell.textContent ?? ""));
}

test("the code, packages, inputs and limits that changed stand beside each other", async () => {
  compared({
    commit: { before: "1111111111aaaa", after: "2222222222bbbb" },
    revision: { before: "x", after: "y" },
    packages: [{ name: "pandas", difference: "changed", before: "2.2.0", after: "3.0.0" }],
    parameters: [{ name: "region", difference: "added", before: null, after: "eu" }],
    settings: [{ name: "memory_bytes", difference: "changed", before: 134_217_728, after: 268_435_456 }],
    peak_memory_bytes: { before: 41_943_040, after: 125_829_120 },
  });
  await show(<Differs runId="this" />);
  expect(await rows()).toEqual([
    ["Commit", "1111111111", "2222222222"],
    ["Package pandas", "2.2.0", "3.0.0"],
    ["Parameter region", "none", "eu"],
    ["Setting mem_hard_limit", "128 MiB", "256 MiB"],
    ["Peak memory", "40 MiB", "120 MiB"],
  ]);
  expect(screen.getByRole("link", { name: "Last success" })).toBeVisible();
});

test("where nothing differs it says where to look instead", async () => {
  compared({});
  await show(<Differs runId="this" />);
  expect(await screen.findByText(/the same code, packages and inputs\. Look outside/)).toBeVisible();
});

test("a pipeline that never succeeded has nothing to compare with", async () => {
  compared({ baseline_run_id: null });
  await show(<Differs runId="this" />);
  expect(await screen.findByText(/never succeeded before/)).toBeVisible();
});

test("many differences are shown on request, so that the log stays near", async () => {
  const packages = Array.from({ length: 40 }, (_, number) => ({
    name: `package-${number}`,
    difference: "changed" as const,
    before: "1",
    after: "2",
  }));
  compared({ packages });
  await show(<Differs runId="this" />);
  await userEvent.click(await screen.findByRole("button", { name: "Show 34 more" }));
  expect(await rows()).toHaveLength(40);
});
