import type { ReactNode } from "react";
import { FormDialog } from "./form_dialog";

interface ConfirmDialogProps<T> {
  isOpen: boolean;
  onClose: () => void;
  title: string;
  /** What is lost by it, in words. */
  children: ReactNode;
  verb: string;
  act: () => Promise<T>;
  onDone: (result: T) => void;
}

/** Asks before something is lost; says what. */
export function ConfirmDialog<T>({ act, children, ...rest }: ConfirmDialogProps<T>) {
  return (
    <FormDialog {...rest} isDangerous submit={act}>
      {() => children}
    </FormDialog>
  );
}
