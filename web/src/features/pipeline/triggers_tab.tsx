import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { Guarded } from "@/components/guarded";
import { Section } from "@/ui/page";
import { Deliveries } from "./deliveries";
import { Neighbours } from "./neighbours";
import styles from "./pipeline.module.css";
import { WebhookKeys } from "./webhook_keys";

/** What starts the pipeline besides its schedules, and what it starts. */
export function TriggersTab({ pipeline }: { pipeline: Schemas["PipelineView"] }) {
  const { t } = useTranslation("pipeline");
  return (
    <div className={styles.parts}>
      <Guarded operation="list_webhook_keys" needs="editor">
        <WebhookKeys pipeline={pipeline} />
      </Guarded>
      <Section title={t("deliveries")} isFlush>
        <Deliveries name={pipeline.name} />
      </Section>
      <Section title={t("chain")}>
        <Neighbours name={pipeline.name} />
      </Section>
    </div>
  );
}
