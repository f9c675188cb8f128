import { useTranslation } from "react-i18next";
import { useConnection, useLostSince } from "@/components/connection";
import { momentText } from "@/components/moment";
import { useNow } from "@/components/time";
import { usePreferences } from "@/preferences";
import styles from "./connection_state.module.css";

/** Whether what is shown is live. */
export function ConnectionState() {
  const { t } = useTranslation("shell");
  const connection = useConnection();
  const isLive = connection === "live";
  return (
    <output className={styles.state} data-live={isLive || undefined} aria-label={t("connection")}>
      <span className={styles.mark} aria-hidden />
      {isLive ? t("live") : t("reconnecting")}
    </output>
  );
}

/** A reconnection takes less, and is not worth a word. */
const WORTH_TELLING_MS = 3000;

/** Above a page that can't be up to date: since when, and that it comes back by itself. */
export function OfflineNotice() {
  const { t } = useTranslation("shell");
  const preferences = usePreferences();
  const since = useLostSince();
  const now = useNow();
  if (since === null || now - since.getTime() < WORTH_TELLING_MS) return null;
  return (
    <p className={styles.offline} role="status">
      {t("offline", { at: momentText(since, preferences) })}
    </p>
  );
}
