import { Plus, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button, IconButton } from "@/ui/button";
import styles from "./start.module.css";

export interface Variable {
  /** Tells rows apart while their names change. */
  id: number;
  name: string;
  value: string;
}

interface VariableRowsProps {
  rows: readonly Variable[];
  /** What is wrong, by the variable's name. */
  errors: Readonly<Record<string, string>>;
  onChange: (rows: readonly Variable[]) => void;
}

/** Names and values that the run gets besides those of the manifest. */
export function VariableRows({ rows, errors, onChange }: VariableRowsProps) {
  const { t } = useTranslation("start");
  const change = (id: number, part: Partial<Variable>) =>
    onChange(rows.map((row) => (row.id === id ? { ...row, ...part } : row)));
  return (
    <fieldset className={styles.group}>
      <legend className={styles.legend}>{t("variables")}</legend>
      <p className={styles.hint}>{t("variablesHint")}</p>
      {rows.map(({ id, name, value }, index) => (
        <div key={id} className={styles.variable}>
          <input
            className={styles.input}
            aria-label={t("variableName", { number: index + 1 })}
            aria-invalid={errors[name] ? true : undefined}
            value={name}
            spellCheck={false}
            onChange={(event) => change(id, { name: event.target.value })}
          />
          <span aria-hidden>=</span>
          <input
            className={styles.input}
            aria-label={t("variableValue", { number: index + 1 })}
            value={value}
            spellCheck={false}
            onChange={(event) => change(id, { value: event.target.value })}
          />
          <IconButton
            label={t("removeVariable", { number: index + 1 })}
            icon={<X />}
            onClick={() => onChange(rows.filter((row) => row.id !== id))}
          />
          {errors[name] && (
            <p role="alert" className={styles.error}>
              {name} {errors[name]}
            </p>
          )}
        </div>
      ))}
      <div>
        <Button
          kind="quiet"
          icon={<Plus />}
          onClick={() => onChange([...rows, { id: nextId(rows), name: "", value: "" }])}
        >
          {t("addVariable")}
        </Button>
      </div>
    </fieldset>
  );
}

const nextId = (rows: readonly Variable[]) => Math.max(-1, ...rows.map((row) => row.id)) + 1;

/** Make rows of variables as a run was given them. */
export function rowsOf(variables: Readonly<Record<string, string>>): Variable[] {
  return Object.entries(variables).map(([name, value], id) => ({ id, name, value }));
}
