import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { changePreferences } from "@/preferences";
import { type RunStatus, Status } from "./status";

const ALL: RunStatus[] = ["PENDING", "RUNNING", "RETRYING", "SUCCESS", "FAILED", "CANCELLED", "SKIPPED"];

test("every status has a shape of its own", () => {
  const shapes = ALL.map((status) => {
    const { container, unmount } = render(<Status status={status} />);
    const drawing = container.querySelector("svg")?.innerHTML;
    unmount();
    return drawing;
  });
  expect(new Set(shapes).size).toBe(ALL.length);
});

test("a status without its word is still told to a screen reader", () => {
  render(<Status status="FAILED" />);
  expect(screen.getByText("Failed")).toBeInTheDocument();
});

test("a status speaks German", async () => {
  render(<Status status="FAILED" hasWord />);
  changePreferences({ language: "de" });
  expect(await screen.findByText("Fehlgeschlagen")).toBeInTheDocument();
});
