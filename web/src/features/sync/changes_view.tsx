import { useTranslation } from "react-i18next";
import { KeyValues } from "@/ui/key_values";
import type { Changes } from "./queries";
import styles from "./sync.module.css";

type Listed = "pipelines_added" | "pipelines_changed" | "pipelines_removed";

/** What a sync changed, or would change, by name. */
export function ChangesView({ changes }: { changes: Changes }) {
  const { t } = useTranslation("sync");
  if (!Object.values(changes.counts).some((count) => count > 0)) return <p>{t("nothing")}</p>;
  const names = (list: Listed) => {
    const found = changes[list];
    const left = (changes.counts[list] ?? found.length) - found.length;
    return [...found, ...(left > 0 ? [t("andMore", { count: left })] : [])].join(", ");
  };
  return (
    <KeyValues
      facts={[
        [t("change.added"), names("pipelines_added")],
        [t("change.changed"), names("pipelines_changed")],
        [t("change.removed"), names("pipelines_removed")],
        [t("change.invalid"), changes.pipelines_invalid.length > 0 && <Invalid key="i" changes={changes} />],
        [t("change.schedules"), changes.schedules.length > 0 && <Schedules key="s" changes={changes} />],
        [t("change.packages"), changes.packages.length > 0 && <Packages key="p" changes={changes} />],
        [t("change.cycles"), changes.cycles.map((cycle) => cycle.join(" → ")).join(", ")],
      ]}
    />
  );
}

function Invalid({ changes }: { changes: Changes }) {
  return (
    <ul>
      {changes.pipelines_invalid.map(({ name, problem }) => (
        <li key={name}>
          <strong>{name}</strong>: {problem}
        </li>
      ))}
    </ul>
  );
}

function Schedules({ changes }: { changes: Changes }) {
  const { t } = useTranslation("sync");
  return (
    <ul>
      {changes.schedules.map(({ pipeline_name, key, change }) => (
        <li key={`${pipeline_name}/${key}`}>
          {pipeline_name}: <code>{key}</code> {t(`scheduleChange.${change as "added"}`)}
        </li>
      ))}
    </ul>
  );
}

function Packages({ changes }: { changes: Changes }) {
  return (
    <ul>
      {changes.packages.map(({ pipeline_name, added, removed }) => (
        <li key={pipeline_name}>
          {pipeline_name}:{" "}
          {added.map((name) => (
            <ins key={name} className={styles.added}>
              +{name}{" "}
            </ins>
          ))}
          {removed.map((name) => (
            <del key={name} className={styles.removed}>
              −{name}{" "}
            </del>
          ))}
        </li>
      ))}
    </ul>
  );
}
