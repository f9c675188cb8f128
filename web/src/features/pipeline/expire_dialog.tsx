import { useTranslation } from "react-i18next";
import { FormDialog } from "@/components/form_dialog";
import { numberOrNull } from "@/components/form_values";
import { Field, Select } from "@/ui/field";

const DAY = 86_400;
const SPANS = [3600, DAY, 7 * DAY, 30 * DAY, 90 * DAY, 365 * DAY] as const;

/** How long a key is to open: in hours or days from now, or for ever. */
export function ExpiryField({ error }: { error: string | undefined }) {
  const { t } = useTranslation("pipeline");
  return (
    <Field label={t("endsIn")} error={error}>
      <Select name="expires_in_seconds" defaultValue="">
        <option value="">{t("noEnd")}</option>
        {SPANS.map((seconds) => (
          <option key={seconds} value={seconds}>
            {seconds < DAY
              ? t("inHours", { count: seconds / 3600 })
              : t("inDays", { count: Math.round(seconds / DAY) })}
          </option>
        ))}
      </Select>
    </Field>
  );
}

interface ExpireDialogProps {
  isOpen: boolean;
  onClose: () => void;
  change: (seconds: number | null) => Promise<unknown>;
  onDone: () => void;
}

/** Lets a key end later, so that a new one can be handed over before. */
export function ExpireDialog({ isOpen, onClose, change, onDone }: ExpireDialogProps) {
  const { t } = useTranslation("pipeline");
  return (
    <FormDialog
      isOpen={isOpen}
      onClose={onClose}
      title={t("letEndTitle")}
      verb={t("letEndVerb")}
      submit={(values) => change(numberOrNull(values, "expires_in_seconds"))}
      onDone={onDone}
    >
      {(errors) => (
        <>
          <p>{t("letEndHint")}</p>
          <ExpiryField error={errors.expires_in_seconds} />
        </>
      )}
    </FormDialog>
  );
}
