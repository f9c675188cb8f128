import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { Guarded } from "@/components/guarded";
import { Loaded } from "@/components/loaded";
import { Button } from "@/ui/button";
import { DataTable } from "@/ui/data_table";
import { Field, TextInput } from "@/ui/field";
import { Check, FilterBar } from "@/ui/form";
import { Empty } from "@/ui/notice";
import { Page, Section } from "@/ui/page";
import { matching, valueText } from "./matching";
import { settingsQuery } from "./queries";
import type { SettingsSearch } from "./search";
import styles from "./settings_page.module.css";

type Setting = Schemas["SettingView"];

const route = getRouteApi("/settings");

/** All settings with what they are, where from, and what they mean. */
export function SettingsPage() {
  const { t } = useTranslation("settings");
  return (
    <Page title={t("title")} state={t("state")}>
      <Guarded operation="get_settings" needs="admin">
        <Settings />
      </Guarded>
    </Page>
  );
}

function Settings() {
  const { t } = useTranslation("settings");
  const search = route.useSearch();
  const navigate = useNavigate();
  const query = useQuery(settingsQuery);
  const look = (wanted: SettingsSearch) => void navigate({ to: "/settings", search: wanted, replace: true });
  return (
    <>
      <div className={styles.filter}>
        <FilterBar label={t("search")}>
          <div className={styles.text}>
            <Field label={t("text")}>
              <TextInput
                type="search"
                defaultValue={search.text}
                onChange={(event) => look(withText(search, event.target.value))}
              />
            </Field>
          </div>
          <div className={styles.check}>
            <Check
              label={t("changed")}
              isChecked={search.changed ?? false}
              onChange={(isChecked) =>
                look({ ...withText({}, search.text), ...(isChecked && { changed: true }) })
              }
            />
          </div>
        </FilterBar>
      </div>
      <Loaded query={query} rows={12}>
        {({ settings }) => {
          const found = matching(settings, search);
          return (
            <Section title={t("count", { count: found.length })} isFlush>
              {found.length === 0 ? (
                <Empty title={t("none")}>
                  <p>{t("noneHint")}</p>
                  <Button onClick={() => look({})}>{t("all")}</Button>
                </Empty>
              ) : (
                <Table settings={found} />
              )}
            </Section>
          );
        }}
      </Loaded>
    </>
  );
}

function withText({ changed }: SettingsSearch, text: string | undefined): SettingsSearch {
  return { ...(text && { text }), ...(changed && { changed }) };
}

function Table({ settings }: { settings: readonly Setting[] }) {
  const { t } = useTranslation("settings");
  return (
    <DataTable
      label={t("title")}
      rows={settings}
      keyOf={({ name }) => name}
      columns={[
        {
          head: t("name"),
          isText: true,
          cell: ({ name, description, environment_variables }) => (
            <>
              <code className={styles.name}>{name}</code>
              <p>{description}</p>
              <p className={styles.variables}>{environment_variables.join(" · ")}</p>
            </>
          ),
        },
        { head: t("value"), cell: (setting) => <Value setting={setting} /> },
        {
          head: t("source"),
          cell: ({ is_default }) =>
            is_default ? (
              <span className={styles.variables}>{t("isDefault")}</span>
            ) : (
              <span className={styles.isSet}>{t("isSet")}</span>
            ),
        },
      ]}
    />
  );
}

function Value({ setting }: { setting: Setting }) {
  const { t } = useTranslation("settings");
  const shown = (value: unknown) => valueText(value) || t("nothing");
  return (
    <div className={styles.value}>
      <code>{shown(setting.value)}</code>
      {!setting.is_default && (
        <p className={styles.variables}>{t("defaultIs", { value: shown(setting.default) })}</p>
      )}
    </div>
  );
}
