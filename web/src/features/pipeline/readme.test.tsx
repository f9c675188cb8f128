import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { Readme } from "./readme";

test("HTML in a README stays text that does nothing", () => {
  const { container } = render(
    <Readme text={'<script>alert(1)</script>\n\n<img src=x onerror="alert(1)"> **bold**'} />,
  );
  expect(container.querySelector("script, img")).toBeNull();
  expect(screen.getByText("bold").tagName).toBe("STRONG");
});

test("links lead out without a way back, and never run a script", () => {
  render(<Readme text={"[good](https://example.org/) [bad](javascript:alert(1)) [near](./other.md)"} />);
  const link = screen.getByRole("link", { name: "good" });
  expect(link).toHaveAttribute("rel", "noopener noreferrer");
  expect(screen.getAllByRole("link")).toHaveLength(1);
});

test("an image from elsewhere is not loaded: its words lead to it", () => {
  const { container } = render(<Readme text="![The chart](https://example.org/chart.png)" />);
  expect(container.querySelector("img")).toBeNull();
  expect(screen.getByRole("link", { name: "The chart" })).toHaveAttribute(
    "href",
    "https://example.org/chart.png",
  );
});

test("tables and tasks are shown as such", () => {
  render(<Readme text={"| a | b |\n|---|---|\n| 1 | 2 |\n\n- [x] done"} />);
  expect(screen.getByRole("cell", { name: "2" })).toBeInTheDocument();
  expect(screen.getByText("done:")).toBeInTheDocument();
});
