import { useTranslation } from "react-i18next";
import { Field } from "@/ui/field";
import { SecretInput } from "@/ui/secret_input";

interface PasswordFieldProps {
  label: string;
  hint: string;
  error?: string | undefined;
  isOptional?: boolean;
}

/** Asks for a password; one may look at what is typed, for it has to be told to somebody, or kept. */
export function PasswordField({ label, hint, error, isOptional = false }: PasswordFieldProps) {
  const { t } = useTranslation("users");
  return (
    <Field label={label} hint={hint} error={error}>
      <SecretInput
        name="password"
        required={!isOptional}
        minLength={12}
        words={{ show: t("show"), hide: t("hide") }}
      />
    </Field>
  );
}
