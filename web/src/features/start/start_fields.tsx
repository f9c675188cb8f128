import { type FormEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import type { Problem } from "@/api/problem";
import { Failure } from "@/ui/notice";
import { ParameterFields } from "./parameter_fields";
import { sorted } from "./problems";
import type { Json, JsonObject } from "./schema";
import { fieldsOf } from "./schema";
import styles from "./start.module.css";
import { draftsOf, type Fault, objectOf, valuesOf } from "./values";
import { rowsOf, type Variable, VariableRows } from "./variable_rows";

export type Given = Pick<Required<Schemas["StartRun"]>, "parameters" | "env_vars">;

interface StartFieldsProps {
  id: string;
  /** The manifest's `parameters`. */
  schema: Json | undefined;
  /** What an earlier run was given. */
  given: Given | null;
  problem: Problem | null;
  onSubmit: (given: Given) => void;
}

const NONE: Readonly<Record<string, Fault>> = {};

/** The inputs of the start form; what is wrong stands at the input, which gets the focus. */
export function StartFields({ id, schema, given, problem, onSubmit }: StartFieldsProps) {
  const { t } = useTranslation("start");
  const form = useRef<HTMLFormElement>(null);
  const [fields] = useState(() => fieldsOf(schema));
  const before = given?.parameters as JsonObject | undefined;
  const [drafts, setDrafts] = useState(() => draftsOf(fields ?? [], before));
  const [json, setJson] = useState<string | null>(() => (fields === null ? written(before ?? {}) : null));
  const [variables, setVariables] = useState<readonly Variable[]>(() => rowsOf(given?.env_vars ?? {}));
  const [faults, setFaults] = useState(NONE);
  const [twice, setTwice] = useState<string | null>(null);
  const [edited, setEdited] = useState<ReadonlySet<string>>(new Set());
  const said = sorted(problem, json === null ? (fields ?? []) : []);

  useFocusOnFirst(form, fields !== null && fields.length > 0);
  useEffect(() => {
    if (problem !== null || faults !== NONE) focusInvalid(form.current);
  }, [problem, faults]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const named = variables.filter(({ name }) => name.trim() !== "");
    const doubled = named.find(({ name }, index) => named.findIndex((row) => row.name === name) !== index);
    const read = json === null ? valuesOf(fields ?? [], drafts) : fromJson(json);
    setEdited(new Set());
    setTwice(doubled?.name ?? null);
    setFaults(Object.keys(read.faults).length > 0 ? read.faults : NONE);
    if (doubled || Object.keys(read.faults).length > 0) return;
    const env_vars = Object.fromEntries(named.map(({ name, value }) => [name, value]));
    onSubmit({ parameters: read.values, env_vars });
  };

  const errorOf = (name: string) => {
    if (edited.has(name)) return undefined;
    const fault = faults[name];
    return fault ? t(`fault.${fault.key}`, { bound: fault.bound ?? "" }) : said.parameters[name];
  };

  return (
    <form ref={form} id={id} className={styles.form} onSubmit={submit} noValidate>
      {said.rest.length > 0 && <Failure title={t("refused")} detail={said.rest.join(" ")} />}
      <ParameterFields
        fields={fields}
        drafts={drafts}
        json={json}
        errorOf={errorOf}
        jsonError={errorOf(WHOLE)}
        isDescribed={schema !== undefined && schema !== null}
        onDraft={(name, draft) => {
          setDrafts((all) => ({ ...all, [name]: draft }));
          setEdited((all) => new Set(all).add(name));
        }}
        onJson={(text) => {
          setJson(text);
          setEdited((all) => new Set(all).add(WHOLE));
        }}
        onSwitch={() => {
          setFaults(NONE);
          if (json === null) setJson(written(valuesOf(fields ?? [], drafts).values));
          else {
            setDrafts(draftsOf(fields ?? [], objectOf(json).values));
            setJson(null);
          }
        }}
      />
      <VariableRows
        rows={variables}
        errors={twice === null ? said.variables : { [twice]: t("twice", { name: "" }).trim() }}
        onChange={setVariables}
      />
    </form>
  );
}

/** Under this name stands what is wrong with parameters that are written as one JSON text. */
const WHOLE = "{}";

function fromJson(text: string) {
  const { values, fault } = objectOf(text);
  return { values, faults: fault ? { [WHOLE]: fault } : NONE };
}

const written = (values: JsonObject) =>
  Object.keys(values).length > 0 ? JSON.stringify(values, null, 2) : "";

function useFocusOnFirst(form: React.RefObject<HTMLFormElement | null>, hasFields: boolean) {
  useEffect(() => {
    if (hasFields) form.current?.querySelector<HTMLElement>("input, select, textarea")?.focus();
  }, [form, hasFields]);
}

function focusInvalid(form: HTMLFormElement | null) {
  form?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
}
