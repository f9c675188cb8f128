import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { Problem } from "@/api/problem";
import { show } from "@/testing/show";
import { StartFields } from "./start_fields";

const SCHEMA = {
  required: ["name"],
  properties: {
    name: { type: "string", description: "Whom to greet." },
    days: { type: "array", items: { type: "string" } },
  },
};

async function form(problem: Problem | null = null, schema: typeof SCHEMA | null = SCHEMA) {
  const onSubmit = vi.fn();
  await show(
    <>
      <StartFields id="form" schema={schema} given={null} problem={problem} onSubmit={onSubmit} />
      <button type="submit" form="form">
        go
      </button>
    </>,
  );
  return { user: userEvent.setup(), onSubmit, go: screen.getByRole("button", { name: "go" }) };
}

test("a parameter that is needed and missing keeps the form from being sent", async () => {
  const { user, onSubmit, go } = await form();
  await user.click(go);
  expect(onSubmit).not.toHaveBeenCalled();
  const name = screen.getByLabelText("name (required)");
  expect(name).toHaveFocus();
  expect(name).toHaveAccessibleDescription("Whom to greet. Needs a value.");
  await user.type(name, "Anna{Enter}");
  expect(onSubmit).toHaveBeenCalledWith({ parameters: { name: "Anna" }, env_vars: {} });
});

test("what the server says stands at the input, until that is changed", async () => {
  const problem = new Problem({
    code: "parameters_invalid",
    status: 422,
    detail: "The parameters were refused.",
    fields: { "parameters.days[1]": "must be a valid date", "parameters.name": "must match x" },
  });
  const { user } = await form(problem);
  expect(screen.getByText("Must match x")).toBeInTheDocument();
  expect(screen.getByText("[1]: must be a valid date")).toBeInTheDocument();
  await user.type(screen.getByLabelText("name (required)"), "x");
  expect(screen.queryByText("Must match x")).not.toBeInTheDocument();
});

test("a problem that belongs to no input stands above", async () => {
  await form(new Problem({ code: "pipeline_disabled", status: 409, detail: "It is disabled." }));
  expect(screen.getByRole("alert")).toHaveTextContent("It is disabled.");
});

test("form and JSON text can be changed for each other without losing what was written", async () => {
  const { user, onSubmit, go } = await form();
  await user.type(screen.getByLabelText("name (required)"), "Anna");
  await user.click(screen.getByRole("button", { name: "Write as JSON" }));
  const json = screen.getByLabelText("Parameters as JSON");
  expect(json).toHaveValue('{\n  "name": "Anna"\n}');
  await user.clear(json);
  await user.type(json, "[[");
  await user.click(go);
  expect(screen.getByText(/This is not JSON/)).toBeInTheDocument();
  await user.clear(json);
  await user.type(json, '{{"name": "Ben"}');
  await user.click(screen.getByRole("button", { name: "Back to the form" }));
  expect(screen.getByLabelText("name (required)")).toHaveValue("Ben");
  await user.click(go);
  expect(onSubmit).toHaveBeenCalledWith({ parameters: { name: "Ben" }, env_vars: {} });
});

test("variables need different names", async () => {
  const { user, onSubmit, go } = await form(null, null);
  for (const number of [1, 2]) {
    await user.click(screen.getByRole("button", { name: "Add a variable" }));
    await user.type(screen.getByLabelText(`Name of variable ${number}`), "A");
  }
  await user.click(go);
  expect(onSubmit).not.toHaveBeenCalled();
  expect(screen.getAllByText("A stands here twice.")[0]).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Remove variable 2" }));
  await user.type(screen.getByLabelText("Value of variable 1"), "b");
  await user.click(go);
  expect(onSubmit).toHaveBeenCalledWith({ parameters: {}, env_vars: { A: "b" } });
});
