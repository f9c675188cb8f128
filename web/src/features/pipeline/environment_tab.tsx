import { queryOptions, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { ask, client, type Schemas } from "@/api/client";
import { Loaded } from "@/components/loaded";
import { bytesText } from "@/components/moment";
import { Moment } from "@/components/time";
import { usePreferences } from "@/preferences";
import { Badge, type Tone } from "@/ui/badge";
import { DataTable } from "@/ui/data_table";
import { Field, TextInput } from "@/ui/field";
import { KeyValues } from "@/ui/key_values";
import { Empty, Failure } from "@/ui/notice";
import { Section } from "@/ui/page";
import styles from "./pipeline.module.css";

const SHORT_KEY = 12;

const TONES: Record<Schemas["EnvironmentStatus"], Tone> = {
  unknown: "waiting",
  waiting: "waiting",
  building: "active",
  ready: "ok",
  failed: "problem",
};

function environmentQuery(name: string) {
  return queryOptions({
    queryKey: ["pipeline", name, "environment"],
    queryFn: ({ signal }) =>
      ask(client.GET("/api/pipelines/{name}/environment", { signal, params: { path: { name } } })),
  });
}

interface EnvironmentTabProps {
  name: string;
  /** A part of a package's name that is looked for. */
  text: string;
  onText: (text: string | undefined) => void;
}

/** What the pipeline's code finds when it runs: interpreter and packages, or why they can't be had. */
export function EnvironmentTab({ name, text, onText }: EnvironmentTabProps) {
  const query = useQuery(environmentQuery(name));
  return (
    <Loaded query={query}>
      {(environment) => (
        <div className={styles.parts}>
          <Facts environment={environment} />
          {environment.packages && environment.packages.length > 0 && (
            <Packages packages={environment.packages} text={text} onText={onText} />
          )}
        </div>
      )}
    </Loaded>
  );
}

function Facts({ environment }: { environment: Schemas["PipelineEnvironmentView"] }) {
  const { t } = useTranslation("pipeline");
  const { language } = usePreferences();
  const { status, reason, lockfile_key, environment_key, size_bytes, built_at } = environment;
  return (
    <Section title={t("tab.environment")}>
      <div className={styles.stack}>
        <div className={styles.line}>
          <Badge tone={TONES[status]}>{t(`environmentStatus.${status}`)}</Badge>
          <span>{t(`environmentHint.${status}`)}</span>
        </div>
        {status === "failed" && (
          <Failure title={t("lockFailed")} detail={<pre className={styles.output}>{reason}</pre>} />
        )}
        {status !== "failed" && reason && <p>{reason}</p>}
        <KeyValues
          facts={[
            [t("python"), environment.python_version],
            [t("askedPython"), environment.asked_python_version],
            [t("size"), size_bytes === null ? null : bytesText(size_bytes, language)],
            [t("built"), built_at && <Moment key="built" at={built_at} />],
            [t("lockfile"), lockfile_key === "" ? t("noPackages") : code(lockfile_key)],
            [t("environmentKey"), code(environment_key)],
          ]}
        />
      </div>
    </Section>
  );
}

const code = (key: string | null) => key && <code title={key}>{key.slice(0, SHORT_KEY)}</code>;

interface PackagesProps {
  packages: readonly Schemas["PackageView"][];
  text: string;
  onText: (text: string | undefined) => void;
}

function Packages({ packages, text, onText }: PackagesProps) {
  const { t } = useTranslation("pipeline");
  const found = packages.filter(({ name }) => name.toLowerCase().includes(text.trim().toLowerCase()));
  return (
    <Section title={t("packages", { count: packages.length })} isFlush>
      <div className={styles.find}>
        <Field label={t("findPackage")}>
          <TextInput
            type="search"
            value={text}
            onChange={(event) => onText(event.target.value || undefined)}
          />
        </Field>
      </div>
      {found.length === 0 ? (
        <Empty title={t("noPackage")} />
      ) : (
        <DataTable
          label={t("packages", { count: packages.length })}
          rows={found}
          keyOf={({ name }) => name}
          columns={[
            { head: t("package"), isName: true, cell: ({ name }) => name },
            { head: t("version"), isText: true, cell: ({ version }) => version },
          ]}
        />
      )}
    </Section>
  );
}
