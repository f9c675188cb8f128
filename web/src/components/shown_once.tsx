import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/ui/button";
import { Copyable } from "@/ui/copyable";
import { Dialog } from "@/ui/dialog";
import { Warning } from "@/ui/notice";

interface ShownOnceProps {
  /** null: nothing to show. */
  value: string | null;
  label: string;
  title: string;
  /** What will not come again. */
  warning?: string;
  onClose: () => void;
  children?: ReactNode;
}

/** Shows something to be copied now. */
export function ShownOnce({ value, label, title, warning, onClose, children }: ShownOnceProps) {
  const { t } = useTranslation();
  return (
    <Dialog
      isOpen={value !== null}
      onClose={onClose}
      title={title}
      closeLabel={t("close")}
      actions={
        <Button kind="primary" onClick={onClose}>
          {t("done")}
        </Button>
      }
    >
      {warning && <Warning>{warning}</Warning>}
      <Copyable text={value ?? ""} label={label} copyLabel={t("copy")} copiedLabel={t("copied")} />
      {children}
    </Dialog>
  );
}
