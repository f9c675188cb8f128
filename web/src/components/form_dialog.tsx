import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useId } from "react";
import { useTranslation } from "react-i18next";
import { Problem } from "@/api/problem";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Form } from "@/ui/form";
import { ErrorNotice } from "./said";

/** What the server said is wrong, by field. */
export type FieldErrors = Readonly<Record<string, string>>;

interface FormDialogProps<T> {
  isOpen: boolean;
  onClose: () => void;
  title: string;
  /** On the button: a verb. */
  verb: string;
  submit: (values: FormData) => Promise<T>;
  /** After it worked; the dialog is closed then. */
  onDone: (result: T) => void;
  children: (errors: FieldErrors) => ReactNode;
  isDangerous?: boolean;
  isWide?: boolean;
}

/** A form in a dialog. It stays open, with what is wrong, until the server has taken it. */
export function FormDialog<T>(props: FormDialogProps<T>) {
  const { t } = useTranslation();
  const form = useId();
  const sending = useMutation({
    mutationFn: props.submit,
    gcTime: 0, // what was sent may be a secret
    onSuccess: (result) => {
      close();
      props.onDone(result);
    },
  });
  const close = () => {
    sending.reset();
    props.onClose();
  };
  return (
    <Dialog
      isOpen={props.isOpen}
      onClose={close}
      title={props.title}
      closeLabel={t("close")}
      isWide={props.isWide ?? false}
      actions={
        <>
          <Button onClick={close}>{t("cancel")}</Button>
          <Button
            type="submit"
            form={form}
            kind={props.isDangerous ? "danger" : "primary"}
            isBusy={sending.isPending}
          >
            {props.verb}
          </Button>
        </>
      }
    >
      <Form id={form} onSubmit={(values) => sending.mutate(values)}>
        {sending.error && <ErrorNotice error={sending.error} />}
        {props.children(fieldErrors(sending.error))}
      </Form>
    </Dialog>
  );
}

function fieldErrors(error: Error | null): FieldErrors {
  if (!(error instanceof Problem)) return {};
  return Object.fromEntries(
    Object.entries(error.fields).filter((field): field is [string, string] => typeof field[1] === "string"),
  );
}
