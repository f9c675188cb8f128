import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ask, client } from "@/api/client";
import { FormDialog } from "@/components/form_dialog";
import { textOf } from "@/components/form_values";
import { ShownOnce } from "@/components/shown_once";
import { ValueField } from "./secret_dialog";

/** Encrypts a value for a manifest, and gives the ciphertext to be copied. */
export function EncryptDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation("secrets");
  const [ciphertext, setCiphertext] = useState<string | null>(null);
  return (
    <>
      <FormDialog
        isOpen={isOpen}
        onClose={onClose}
        title={t("encrypt")}
        verb={t("encryptVerb")}
        submit={(values) =>
          ask(client.POST("/api/secrets/encrypt", { body: { value: textOf(values, "value") } }))
        }
        onDone={(answer) => setCiphertext(answer.ciphertext)}
      >
        {(errors) => (
          <>
            <p>{t("encryptHint")}</p>
            <ValueField error={errors.value} />
          </>
        )}
      </FormDialog>
      <ShownOnce
        value={ciphertext}
        title={t("encrypt")}
        label={t("ciphertext")}
        onClose={() => setCiphertext(null)}
      />
    </>
  );
}
