import { screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import { changePreferences } from "@/preferences";
import { aFailedRun } from "@/testing/run_details";
import { api, server } from "@/testing/server";
import { show } from "@/testing/show";
import { Verdict } from "./verdict";

/** Let the run have written this to stderr. */
function withStderr(text: string): void {
  server.use(
    api.get("/api/runs/{run_id}/logs", ({ request, response }) => {
      const stream = new URL(request.url).searchParams.get("stream");
      return response.untyped(new Response(stream === "stderr" ? text : "something else"));
    }),
  );
}

test("a failed run says what it last wrote to stderr, in plain text", async () => {
  withStderr("Traceback (most recent call last):\n\u001b[31mKeyError: 'total'\u001b[0m\n\n");
  await show(<Verdict run={aFailedRun()} />);
  expect(await screen.findByText("KeyError: 'total'")).toBeVisible();
});

test("a run that wrote nothing to stderr is not said to have", async () => {
  withStderr("");
  await show(<Verdict run={aFailedRun()} />);
  await waitFor(() => expect(screen.queryByText("It last wrote to stderr:")).toBeNull());
});

test("a failed run says whose move it is, in the server's words too", async () => {
  withStderr("");
  await show(<Verdict run={aFailedRun()} />);
  expect(screen.getByText("Failed with exit code 1 after 4.0 s.")).toBeVisible();
  expect(screen.getByText(/the end of the log says why/)).toBeVisible();
  expect(screen.getByText("The pipeline's author has the next move.")).toBeVisible();
});

test("what the platform is to blame for is the operator's move", async () => {
  await show(
    <Verdict run={aFailedRun({ outcome: "host_lost", blame: "platform", reason: "The host went away." })} />,
  );
  expect(screen.getByText("Whoever runs this server has the next move.")).toBeVisible();
  expect(screen.getByText(/Start it again once the machine is back/)).toBeVisible();
});

test("a German reader gets the remedy in German, and the server's sentence as what it is", async () => {
  changePreferences({ language: "de" });
  await show(<Verdict run={aFailedRun({ outcome: "out_of_memory", reason: "Killed by the kernel." })} />);
  expect(screen.getByText(/erhöhe mem_hard_limit/)).toBeVisible();
  expect(screen.getByText("Der Server sagt:")).toBeVisible();
  expect(screen.getByText("Killed by the kernel.")).toHaveAttribute("lang", "en");
});

test("a success needs no explanation, but its warnings are shown", async () => {
  const run = aFailedRun({
    status: "SUCCESS",
    blame: "nobody",
    exit_code: 0,
    reason: "Finished with exit code 0.",
    warnings: ["Used 90 MiB."],
  });
  await show(<Verdict run={run} />);
  expect(screen.getByText("Succeeded in 4.0 s.")).toBeVisible();
  expect(screen.queryByText(/Finished with/)).toBeNull();
  expect(screen.getByRole("list", { name: "Warnings" })).toHaveTextContent("Used 90 MiB.");
});
