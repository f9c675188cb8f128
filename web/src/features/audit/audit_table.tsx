import { Link } from "@tanstack/react-router";
import { ArrowRight } from "lucide-react";
import { useTranslation } from "react-i18next";
import { momentText } from "@/components/moment";
import { Moment } from "@/components/time";
import { usePreferences } from "@/preferences";
import { DataTable } from "@/ui/data_table";
import { kindOf } from "./actions";
import styles from "./audit_table.module.css";
import { changesOf, type FieldChange, fieldWords, isMoment, plainText } from "./changes";
import type { AuditEntry } from "./queries";

export function AuditTable({ entries }: { entries: readonly AuditEntry[] }) {
  const { t } = useTranslation("audit");
  return (
    <DataTable
      label={t("title")}
      rows={entries}
      keyOf={({ sequence }) => sequence}
      columns={[
        { head: t("when"), cell: ({ at }) => <Moment at={at} /> },
        { head: t("actor"), isName: true, cell: (entry) => <Actor entry={entry} /> },
        { head: t("what"), cell: ({ action }) => t(`action.${action}`) },
        { head: t("target"), cell: (entry) => <Target entry={entry} /> },
        { head: t("change"), isText: true, cell: (entry) => <Changes entry={entry} /> },
      ]}
    />
  );
}

function Actor({ entry }: { entry: AuditEntry }) {
  const { t } = useTranslation("audit");
  const kind = entry.actor_kind === "user" ? "" : t(`by.${entry.actor_kind}`);
  return (
    <>
      {entry.actor_name}
      <p className={styles.aside}>{[kind, entry.address].filter(Boolean).join(" · ")}</p>
    </>
  );
}

function Target({ entry }: { entry: AuditEntry }) {
  const isRun = kindOf(entry.action) === "run";
  return (
    <div className={styles.target}>
      {isRun ? (
        <Link to="/runs/$runId" params={{ runId: entry.target }}>
          {entry.pipeline_name ?? entry.target}
        </Link>
      ) : (
        entry.target
      )}
      {!isRun && entry.pipeline_name && <p className={styles.aside}>{entry.pipeline_name}</p>}
    </div>
  );
}

function Changes({ entry }: { entry: AuditEntry }) {
  const changes = changesOf(entry.before, entry.after);
  if (changes.length === 0) return null;
  return (
    <ul className={styles.changes}>
      {changes.map((change) => (
        <Change key={change.field} change={change} />
      ))}
    </ul>
  );
}

function Change({ change: { field, before, after } }: { change: FieldChange }) {
  const { t } = useTranslation("audit");
  return (
    <li>
      <span className={styles.field}>{fieldWords(field)}</span>{" "}
      {before !== undefined && <Value value={before} isGone />}
      {before !== undefined && after !== undefined && (
        <>
          {" "}
          <ArrowRight aria-label={t("arrow")} className={styles.arrow} />{" "}
        </>
      )}
      {after !== undefined && <Value value={after} />}
    </li>
  );
}

function Value({ value, isGone }: { value: unknown; isGone?: boolean }) {
  const { t } = useTranslation("audit");
  const preferences = usePreferences();
  let text = plainText(value);
  if (text === "") text = t("nothing");
  else if (typeof value === "boolean") text = value ? t("yes") : t("no");
  else if (isMoment(value)) text = momentText(new Date(value), preferences);
  return isGone ? <del className={styles.value}>{text}</del> : <span className={styles.value}>{text}</span>;
}
