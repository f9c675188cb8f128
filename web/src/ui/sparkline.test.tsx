import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { pointsOf, Sparkline } from "./sparkline";

test("the largest value touches the top and zero the bottom", () => {
  expect(pointsOf([0, 5, 10]).map(([, y]) => y)).toEqual([18, 10, 2]);
});

test("values go from edge to edge", () => {
  const xs = pointsOf([1, 2, 3, 4]).map(([x]) => x);
  expect([xs[0], xs.at(-1)]).toEqual([2, 78]);
});

test("values that are all zero lie on the ground", () => {
  expect(pointsOf([0, 0]).map(([, y]) => y)).toEqual([18, 18]);
});

test("it says in words what it shows", () => {
  render(<Sparkline values={[1, 2]} label="1 s to 2 s" />);
  expect(screen.getByRole("img", { name: "1 s to 2 s" })).toBeInTheDocument();
});

test("without a value there is nothing", () => {
  const { container } = render(<Sparkline values={[]} label="nothing" />);
  expect(container).toBeEmptyDOMElement();
});
