import { useTranslation } from "react-i18next";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ChangesView } from "./changes_view";
import { Commit } from "./commit";
import type { Plan } from "./queries";
import styles from "./sync.module.css";

/** What a sync would change; nothing was changed. */
export function PlanDialog({ plans, onClose }: { plans: Plan[] | null; onClose: () => void }) {
  const { t } = useTranslation(["sync", "general"]);
  return (
    <Dialog
      isOpen={plans !== null}
      onClose={onClose}
      title={t("plan")}
      closeLabel={t("general:close")}
      isWide
      actions={
        <Button kind="primary" onClick={onClose}>
          {t("general:done")}
        </Button>
      }
    >
      {plans?.map((plan) => (
        <div key={plan.repository} className={styles.stack}>
          <p>
            <strong>{plan.repository}</strong> <Commit commit={plan.commit} />
          </p>
          <ChangesView changes={plan.changes} />
        </div>
      ))}
    </Dialog>
  );
}
