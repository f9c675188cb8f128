import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { Field, Select, TextArea, TextInput } from "@/ui/field";
import { Check } from "@/ui/form";
import type { SchemaField } from "./schema";
import styles from "./start.module.css";
import { draftOf, isSwitch } from "./values";

interface SchemaInputProps {
  field: SchemaField;
  draft: string;
  error: string | undefined;
  onChange: (draft: string) => void;
}

/** The input for one parameter, by what its schema says. */
export function SchemaInput({ field, draft, error, onChange }: SchemaInputProps) {
  const { t } = useTranslation("start");
  const isNeeded = field.isRequired && field.default === undefined;
  if (isSwitch(field)) {
    return (
      <div>
        <Check
          label={field.label}
          {...(field.description !== null && { hint: field.description })}
          isChecked={draft === "true"}
          onChange={(isChecked) => onChange(String(isChecked))}
        />
        {error && (
          <p role="alert" className={styles.error}>
            {error}
          </p>
        )}
      </div>
    );
  }
  return (
    <Field
      label={isNeeded ? t("required", { label: field.label }) : field.label}
      hint={hintOf(field, t)}
      error={error}
    >
      <Control field={field} draft={draft} onChange={onChange} isNeeded={isNeeded} />
    </Field>
  );
}

function Control(props: Omit<SchemaInputProps, "error"> & { isNeeded: boolean }) {
  const { t } = useTranslation("start");
  const { field, draft, onChange, isNeeded } = props;
  const common = {
    value: draft,
    "aria-required": isNeeded || undefined,
    onChange: (event: { target: { value: string } }) => onChange(event.target.value),
  };
  switch (field.kind) {
    case "boolean":
    case "choice": {
      const choices = field.kind === "boolean" ? [true, false] : field.choices;
      return (
        <Select {...common}>
          {(field.default === undefined || draft === "") && <option value="">{t("notSet")}</option>}
          {choices.map((choice) => (
            <option key={JSON.stringify(choice)} value={draftOf(field, choice)}>
              {typeof choice === "boolean" ? t(choice ? "yes" : "no") : plain(choice)}
            </option>
          ))}
        </Select>
      );
    }
    case "list":
    case "json":
      return <TextArea {...common} rows={4} spellCheck={false} />;
    case "text":
      return <TextInput {...common} type={field.rules.format === "date" ? "date" : "text"} />;
    default:
      return (
        <TextInput
          {...common}
          inputMode={field.kind === "integer" ? "numeric" : "decimal"}
          autoComplete="off"
        />
      );
  }
}

/** Say what it is for and what the schema allows. */
function hintOf(field: SchemaField, t: TFunction<"start">): string {
  const { rules } = field;
  const from = rules.minimum ?? rules.exclusiveMinimum;
  const to = rules.maximum ?? rules.exclusiveMaximum;
  const parts = [field.description];
  if (field.kind === "list") parts.push(t("list"));
  if (field.kind === "json") parts.push(t("json"));
  if (from !== undefined && to !== undefined) parts.push(t("between", { from, to }));
  else if (from !== undefined) parts.push(t("atLeast", { from }));
  else if (to !== undefined) parts.push(t("atMost", { to }));
  if (rules.pattern !== undefined) parts.push(t("matches", { pattern: rules.pattern }));
  if (field.default !== undefined && field.kind !== "choice") {
    parts.push(t("emptyMeans", { value: plain(field.default) }));
  }
  return parts.filter(Boolean).join(" ");
}

const plain = (value: unknown) => (typeof value === "string" ? value || '""' : JSON.stringify(value));
