import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { Field } from "./field";
import { SecretInput } from "./secret_input";

const WORDS = { show: "Show", hide: "Hide", lines: "Several lines" };
const KEY = "-----BEGIN KEY-----\nMIIB\n-----END KEY-----\n";

function sent(container: HTMLElement): FormDataEntryValue | null {
  const form = container.querySelector("form");
  return form && new FormData(form).get("value");
}

function show(words: typeof WORDS | Omit<typeof WORDS, "lines"> = WORDS) {
  return render(
    <form>
      <Field label="Value">
        <SecretInput name="value" words={words} />
      </Field>
    </form>,
  );
}

test("what is typed is hidden until somebody wants to see it", async () => {
  const { container } = show();
  await userEvent.type(screen.getByLabelText("Value"), "swordfish");
  expect(screen.getByLabelText("Value")).toHaveAttribute("type", "password");
  await userEvent.click(screen.getByRole("button", { name: "Show" }));
  expect(screen.getByLabelText("Value")).toHaveAttribute("type", "text");
  expect(sent(container)).toBe("swordfish");
});

test("a key that is pasted keeps its line ends, and stays hidden", async () => {
  const { container } = show();
  await userEvent.click(screen.getByLabelText("Value"));
  await userEvent.paste(KEY);
  expect(sent(container)).toBe(KEY);
  expect(screen.getByLabelText("Value")).toHaveAttribute("data-hidden");
});

test("a password stays one line", () => {
  show({ show: "Show", hide: "Hide" });
  expect(screen.queryByRole("button", { name: "Several lines" })).not.toBeInTheDocument();
});
