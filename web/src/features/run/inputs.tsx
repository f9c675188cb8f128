import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { Disclosure } from "@/ui/disclosure";
import styles from "./facts.module.css";
import page from "./run_page.module.css";
import { readSpec } from "./spec";

type Run = Schemas["RunDetail"];

/** The parameters of a run, the defaults too. */
export function Parameters({ run }: { run: Run }) {
  const { t } = useTranslation("run");
  const spec = readSpec(run.spec);
  const values = Object.entries(spec.parameters).map(([name, value]) => ({
    name,
    value: typeof value === "string" ? value : JSON.stringify(value, null, 2),
    origin: name in spec.givenParameters ? null : t("byDefault"),
  }));
  return (
    <Disclosure title={t("parameters")} startsClosedOnPhone>
      <Values values={values} empty={t("noParameters")} />
    </Disclosure>
  );
}

/** The variables of a run; of those that are secret only the names. */
export function Variables({ run }: { run: Run }) {
  const { t } = useTranslation("run");
  const spec = readSpec(run.spec);
  const own = { ...spec.defaultVariables, ...spec.variables };
  const values = Object.entries(own).map(([name, value]) => ({
    name,
    value,
    origin: name in spec.variables ? null : t("ofManifest"),
  }));
  const hidden = [...Object.keys(spec.encryptedVariables), ...spec.secrets].map((name) => ({
    name,
    value: "•••",
    origin: t("hidden"),
  }));
  return (
    <Disclosure title={t("variables")} startsClosedOnPhone>
      <Values values={[...values, ...hidden]} empty={t("noVariables")} />
    </Disclosure>
  );
}

interface Value {
  name: string;
  value: string;
  /** Where it came from, unless it was given with the run. */
  origin: string | null;
}

function Values({ values, empty }: { values: readonly Value[]; empty: string }) {
  if (values.length === 0) return <p className={page.quiet}>{empty}</p>;
  return (
    <dl className={styles.values}>
      {values.map(({ name, value, origin }) => (
        <div key={name} className={styles.value}>
          <dt>
            {name}
            {origin !== null && <span className={styles.origin}>{origin}</span>}
          </dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
