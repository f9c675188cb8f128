import { useTranslation } from "react-i18next";
import { Button } from "@/ui/button";
import { Field, TextArea } from "@/ui/field";
import type { SchemaField } from "./schema";
import { SchemaInput } from "./schema_input";
import styles from "./start.module.css";
import type { Drafts } from "./values";

interface ParameterFieldsProps {
  /** `null`: the schema can't be shown as a form. */
  fields: readonly SchemaField[] | null;
  drafts: Drafts;
  /** The whole as JSON text; `null`: the form is shown. */
  json: string | null;
  jsonError: string | undefined;
  /** Whether the manifest has a schema at all. */
  isDescribed: boolean;
  errorOf: (name: string) => string | undefined;
  onDraft: (name: string, draft: string) => void;
  onJson: (text: string) => void;
  /** Between the form and JSON. */
  onSwitch: () => void;
}

/** The parameters of a run: as a form where the schema can be shown as one, or as JSON text. */
export function ParameterFields(props: ParameterFieldsProps) {
  const { t } = useTranslation("start");
  const { fields, json } = props;
  if (fields?.length === 0) return null;
  return (
    <fieldset className={styles.group}>
      <div className={styles.groupHead}>
        <legend className={styles.legend}>{t("parameters")}</legend>
        {fields !== null && (
          <Button kind="quiet" onClick={props.onSwitch}>
            {t(json === null ? "asJson" : "asForm")}
          </Button>
        )}
      </div>
      {json === null ? (
        fields?.map((field) => (
          <SchemaInput
            key={field.name}
            field={field}
            draft={props.drafts[field.name] ?? ""}
            error={props.errorOf(field.name)}
            onChange={(draft) => props.onDraft(field.name, draft)}
          />
        ))
      ) : (
        <Field
          label={t("jsonLabel")}
          hint={t(props.isDescribed ? "jsonHint" : "jsonNoSchema")}
          error={props.jsonError}
        >
          <TextArea
            value={json}
            rows={props.isDescribed ? 6 : 2}
            spellCheck={false}
            onChange={(event) => props.onJson(event.target.value)}
          />
        </Field>
      )}
    </fieldset>
  );
}
