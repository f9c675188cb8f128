import { useTranslation } from "react-i18next";
import { useShortcutList } from "@/components/shortcuts";
import { Dialog } from "@/ui/dialog";
import { Keys } from "@/ui/keys";
import styles from "./shortcut_help.module.css";

/** The shortcuts that hold on the page that is open. */
export function ShortcutHelp({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation(["shell", "general"]);
  const shortcuts = useShortcutList();
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={t("shortcuts")} closeLabel={t("general:close")}>
      <dl className={styles.list}>
        <div className={styles.row}>
          <dt>{t("showPalette")}</dt>
          <dd>
            <Keys keys="Ctrl K" />
          </dd>
        </div>
        {shortcuts.map(({ keys, label }) => (
          <div key={keys} className={styles.row}>
            <dt>{label}</dt>
            <dd>
              <Keys keys={keys} />
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
