import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Loaded } from "@/components/loaded";
import { bytesText } from "@/components/moment";
import { Duration, Moment } from "@/components/time";
import { usePreferences } from "@/preferences";
import { Badge } from "@/ui/badge";
import { DataTable } from "@/ui/data_table";
import { KeyValues } from "@/ui/key_values";
import { Page, Section } from "@/ui/page";
import styles from "./about_page.module.css";
import { DoctorReport } from "./doctor_report";
import { type About, aboutQuery, type Ready, readyQuery } from "./queries";

type Check = Ready["checks"][number];

/** What this server is, and how each part of it does. */
export function AboutPage() {
  const { t } = useTranslation("about");
  const about = useQuery(aboutQuery);
  const ready = useQuery(readyQuery);
  return (
    <Page title={t("title")} state={about.data && t("state", { version: about.data.version })}>
      <Section title={t("report")} isFlush>
        <Loaded query={ready} rows={4}>
          {(report) => (
            <>
              <p className={styles.sentence}>{report.is_ready ? t("ready") : t("notReady")}</p>
              <Report checks={report.checks} />
            </>
          )}
        </Loaded>
      </Section>
      <Section title={t("server")}>
        <Loaded query={about} rows={6}>
          {(found) => <Server about={found} />}
        </Loaded>
      </Section>
      <DoctorReport />
      <Section title={t("more")}>
        <ul className={styles.links}>
          <li>
            <a href="/api/openapi.json">{t("api")}</a>
          </li>
          <li>
            <a href="/api/schemas/pipeline.json">{t("schema")}</a>
          </li>
        </ul>
      </Section>
      <Section title={t("licence")}>
        <p>{t("licenceText")}</p>
        <p className={styles.aside}>{t("typefaces")}</p>
      </Section>
    </Page>
  );
}

function Report({ checks }: { checks: readonly Check[] }) {
  const { t } = useTranslation("about");
  return (
    <DataTable
      label={t("report")}
      rows={checks}
      keyOf={({ name }) => name}
      columns={[
        { head: t("part"), isName: true, cell: ({ name }) => name },
        { head: t("how"), cell: (check) => <Health check={check} /> },
        { head: t("says"), isText: true, cell: ({ message }) => message },
      ]}
    />
  );
}

function Health({ check }: { check: Check }) {
  const { t } = useTranslation("about");
  if (check.is_ready) return <Badge tone="ok">{t("fine")}</Badge>;
  return check.is_needed ? (
    <Badge tone="problem">{t("wrong")}</Badge>
  ) : (
    <Badge tone="waiting">{t("limited")}</Badge>
  );
}

function Server({ about }: { about: About }) {
  const { t } = useTranslation("about");
  const { zone, language } = usePreferences();
  const { executor, database, data } = about;
  const size = data.size_bytes === null ? null : bytesText(data.size_bytes, language);
  const free = data.free_bytes === null ? null : bytesText(data.free_bytes, language);
  return (
    <KeyValues
      facts={[
        [t("version"), about.version],
        [t("since"), <Moment key="since" at={about.started_at} />],
        [t("uptime"), <Duration key="uptime" seconds={about.uptime_seconds} />],
        [t("executor"), t(executor.is_isolating ? "isolated" : "notIsolated", { executor: executor.name })],
        [t("engine"), executor.engine_version],
        [t("database"), [database.kind, database.version].filter(Boolean).join(" ")],
        [t("stored"), size && (data.is_size_complete ? size : t("moreThan", { size }))],
        [t("free"), free],
        [t("python"), about.python_version],
        [t("uv"), about.uv_version],
        [t("address"), location.origin],
        [t("browser"), zone === "utc" ? "UTC" : Intl.DateTimeFormat().resolvedOptions().timeZone],
      ]}
    />
  );
}
