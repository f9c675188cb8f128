import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, test, vi } from "vitest";
import { Problem } from "@/api/problem";
import { show } from "@/testing/show";
import { Field, TextInput } from "@/ui/field";
import { FormDialog } from "./form_dialog";
import { textOf } from "./form_values";

function Asking({ submit, onDone }: { submit: (name: string) => Promise<string>; onDone: () => void }) {
  const [isOpen, setOpen] = useState(true);
  return (
    <FormDialog
      isOpen={isOpen}
      onClose={() => setOpen(false)}
      title="Add"
      verb="Store"
      submit={(values) => submit(textOf(values, "name"))}
      onDone={onDone}
    >
      {(errors) => (
        <Field label="Name" error={errors.name}>
          <TextInput name="name" />
        </Field>
      )}
    </FormDialog>
  );
}

test("it closes once the server has taken what was typed", async () => {
  const onDone = vi.fn();
  await show(<Asking submit={async (name) => name} onDone={onDone} />);
  await userEvent.type(await screen.findByLabelText("Name"), "DB{Enter}");
  expect(onDone).toHaveBeenCalledWith("DB");
  expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
});

test("it stays open with what is wrong, and with what was typed", async () => {
  const onDone = vi.fn();
  const refused = new Problem({
    code: "secret_invalid",
    status: 422,
    detail: "The secret was refused.",
    fields: { name: "has to begin with a letter" },
  });
  await show(<Asking submit={() => Promise.reject(refused)} onDone={onDone} />);
  await userEvent.type(await screen.findByLabelText("Name"), "1{Enter}");
  expect(await screen.findByRole("alert")).toHaveTextContent("The secret was refused.");
  expect(screen.getByText("has to begin with a letter")).toBeInTheDocument();
  expect(screen.getByLabelText("Name")).toHaveValue("1");
  expect(onDone).not.toHaveBeenCalled();
});
