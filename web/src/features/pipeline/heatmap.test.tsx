import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import type { Day } from "./calendar";
import { Heatmap } from "./heatmap";

const TODAY = new Date("2026-11-26T12:00:00Z");
const DAYS: Day[] = [
  { day: "2026-11-24", succeeded: 9, failed: 0, cancelled: 0, skipped: 0, seconds: 9 },
  { day: "2026-11-25", succeeded: 3, failed: 2, cancelled: 1, skipped: 0, seconds: 9 },
];

test("the calendar says in words what it shows, and each day what happened", () => {
  render(<Heatmap days={DAYS} today={TODAY} />);
  expect(screen.getByRole("img", { name: /Runs ended on 2 days.*on 1 of them some failed/ })).toBeVisible();
  expect(screen.getByText(/Nov 25, 2026: 3 succeeded, 2 failed, 1 other/)).toBeInTheDocument();
  expect(screen.getByText(/Nov 26, 2026: no run/)).toBeInTheDocument();
});

test("the same is there as a table, the newest day first", () => {
  const { container } = render(<Heatmap days={DAYS} today={TODAY} />);
  const rows = [...container.querySelectorAll("tbody tr")].map((row) => row.textContent);
  expect(rows).toEqual(["Nov 25, 202632106", "Nov 24, 202690009"]);
});

test("a day on which some failed differs from others by its shape, too", () => {
  const { container } = render(<Heatmap days={DAYS} today={TODAY} />);
  expect(container.querySelector("[data-look=mixed] path")).not.toBeNull();
  expect(container.querySelector("[data-look=good] path")).toBeNull();
});
