import { render } from "@testing-library/react";
import { expect, test } from "vitest";
import { Sentence } from "./sentence";

test("a name between backticks is shown as one, everything else as it is", () => {
  const { container } = render(
    <Sentence text="Raise `mem_hard_limit` in `pipeline.json`, or <b>less</b>." />,
  );
  expect(container.textContent).toBe("Raise mem_hard_limit in pipeline.json, or <b>less</b>.");
  expect([...container.querySelectorAll("code")].map((code) => code.textContent)).toEqual([
    "mem_hard_limit",
    "pipeline.json",
  ]);
});

test("a lone backtick stays what it is", () => {
  expect(render(<Sentence text="5` of rain" />).container.textContent).toBe("5` of rain");
});
