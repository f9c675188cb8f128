import { ShieldOff } from "lucide-react";
import { useTranslation } from "react-i18next";
import styles from "./home.module.css";

/** What everybody has to know where attempts are plain processes. */
export function NotIsolated() {
  const { t } = useTranslation("home");
  return (
    <aside className={styles.notIsolated} aria-label={t("notIsolated")}>
      <ShieldOff aria-hidden />
      <p>
        <strong>{t("notIsolated")}</strong> {t("notIsolatedHint")}
      </p>
    </aside>
  );
}
