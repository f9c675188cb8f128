import { fireEvent, render } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { press, type Shortcut, useShortcuts } from "./shortcuts";

const listen = (event: KeyboardEvent) => void press(event);
beforeEach(() => window.addEventListener("keydown", listen));
afterEach(() => window.removeEventListener("keydown", listen));

function Page({ shortcuts }: { shortcuts: Shortcut[] }) {
  useShortcuts(shortcuts);
  return <input aria-label="field" />;
}

test("a key does what it stands for, unless somebody types", () => {
  const run = vi.fn();
  const { getByLabelText } = render(<Page shortcuts={[{ keys: "f", label: "Follow", run }]} />);
  fireEvent.keyDown(document.body, { key: "f" });
  fireEvent.keyDown(getByLabelText("field"), { key: "f" });
  fireEvent.keyDown(document.body, { key: "f", ctrlKey: true });
  expect(run).toHaveBeenCalledTimes(1);
});

test("two keys after each other are one shortcut", () => {
  const run = vi.fn();
  render(<Page shortcuts={[{ keys: "g r", label: "Runs", run }]} />);
  fireEvent.keyDown(document.body, { key: "r" });
  expect(run).not.toHaveBeenCalled();
  fireEvent.keyDown(document.body, { key: "g" });
  fireEvent.keyDown(document.body, { key: "r" });
  expect(run).toHaveBeenCalledTimes(1);
});

test("what is shown last wins, and takes its keys along when it goes", () => {
  const outer = vi.fn();
  const inner = vi.fn();
  const page = (isOpen: boolean) => (
    <>
      <Page shortcuts={[{ keys: "f", label: "outer", run: outer }]} />
      {isOpen && <Page shortcuts={[{ keys: "f", label: "inner", run: inner }]} />}
    </>
  );
  const { rerender } = render(page(false));
  rerender(page(true));
  fireEvent.keyDown(document.body, { key: "f" });
  expect([inner.mock.calls.length, outer.mock.calls.length]).toEqual([1, 0]);
  rerender(page(false));
  fireEvent.keyDown(document.body, { key: "f" });
  expect(outer).toHaveBeenCalledTimes(1);
});
