import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ask, client, type Schemas } from "@/api/client";
import { ConfirmDialog } from "@/components/confirm_dialog";
import { Loaded } from "@/components/loaded";
import { useRefusal } from "@/components/permissions";
import { Moment } from "@/components/time";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { DataTable } from "@/ui/data_table";
import { Empty } from "@/ui/notice";
import { Section } from "@/ui/page";
import { announce } from "@/ui/toast";
import { ExpireDialog } from "./expire_dialog";
import { NewKeyDialog } from "./new_key_dialog";
import styles from "./pipeline.module.css";
import { keysQuery } from "./trigger_queries";

type Key = Schemas["WebhookKeyView"];

/** The keys of the pipeline's webhook: make, let end, revoke. */
export function WebhookKeys({ pipeline }: { pipeline: Schemas["PipelineView"] }) {
  const { t } = useTranslation(["pipeline", "general"]);
  const queryClient = useQueryClient();
  const query = useQuery(keysQuery(pipeline.name));
  const [asking, setAsking] = useState<"new" | { expire: Key } | { revoke: Key } | null>(null);
  const mayMake = useRefusal("create_webhook_key");
  const close = () => setAsking(null);
  const refresh = () => void queryClient.invalidateQueries({ queryKey: ["deliveries", "keys"] });
  const pathOf = (key: Key) => ({ path: { name: pipeline.name, key_id: key.id } });
  const expire = typeof asking === "object" && asking !== null && "expire" in asking ? asking.expire : null;
  const revoke = typeof asking === "object" && asking !== null && "revoke" in asking ? asking.revoke : null;
  return (
    <Section
      title={t("webhook")}
      isFlush
      actions={
        <Button icon={<Plus aria-hidden />} refused={mayMake} onClick={() => setAsking("new")}>
          {t("newKey")}
        </Button>
      }
    >
      <p className={styles.intro}>
        {t("webhookHint")} <code>{`${location.origin}/api/webhooks/${pipeline.name}/…`}</code>
      </p>
      <Loaded query={query} rows={2}>
        {({ keys }) =>
          keys.length === 0 ? (
            <Empty title={t("noKey")}>{t("noKeyHint")}</Empty>
          ) : (
            <KeyTable
              keys={keys}
              onExpire={(key) => setAsking({ expire: key })}
              onRevoke={(key) => setAsking({ revoke: key })}
            />
          )
        }
      </Loaded>
      <NewKeyDialog pipeline={pipeline} isOpen={asking === "new"} onClose={close} onMade={refresh} />
      <ExpireDialog
        isOpen={expire !== null}
        onClose={close}
        change={(expires_in_seconds) =>
          ask(
            client.PATCH("/api/pipelines/{name}/webhook-keys/{key_id}", {
              params: pathOf(expire as Key),
              body: { expires_in_seconds },
            }),
          )
        }
        onDone={refresh}
      />
      <ConfirmDialog
        isOpen={revoke !== null}
        onClose={close}
        title={t("revokeNamed", { hint: revoke?.hint ?? "" })}
        verb={t("revoke")}
        act={() =>
          ask(client.DELETE("/api/pipelines/{name}/webhook-keys/{key_id}", { params: pathOf(revoke as Key) }))
        }
        onDone={() => {
          announce(t("revoked"));
          refresh();
        }}
      >
        {t("revokeHint")}
      </ConfirmDialog>
    </Section>
  );
}

interface KeyTableProps {
  keys: readonly Key[];
  onExpire: (key: Key) => void;
  onRevoke: (key: Key) => void;
}

function KeyTable({ keys, onExpire, onRevoke }: KeyTableProps) {
  const { t } = useTranslation(["pipeline", "general"]);
  const mayChange = useRefusal("change_webhook_key");
  const refusalOf = (key: Key) => mayChange ?? (key.origin === "manifest" ? t("keyOfManifest") : null);
  return (
    <DataTable
      label={t("webhook")}
      rows={keys}
      keyOf={({ id }) => id}
      columns={[
        { head: t("key"), isName: true, cell: ({ hint }) => <code>…{hint}</code> },
        { head: t("origin"), cell: ({ origin }) => t(`origins.${origin}`) },
        { head: t("settings"), cell: ({ run_config_id }) => run_config_id },
        { head: t("signed"), cell: ({ is_signed }) => t(is_signed ? "signedYes" : "signedNo") },
        {
          head: t("expires"),
          cell: ({ is_expired, expires_at }) => {
            if (is_expired) return <Badge tone="off">{t("expired")}</Badge>;
            return expires_at === null ? t("general:never") : <Moment at={expires_at} />;
          },
        },
        {
          head: t("lastUsed"),
          cell: ({ last_used_at }) => (last_used_at ? <Moment at={last_used_at} /> : t("general:never")),
        },
        {
          head: t("general:actions"),
          isActions: true,
          cell: (key) => (
            <>
              <Button kind="quiet" refused={refusalOf(key)} onClick={() => onExpire(key)}>
                {t("letEnd")}
              </Button>
              <Button kind="quiet" refused={refusalOf(key)} onClick={() => onRevoke(key)}>
                {t("revoke")}
              </Button>
            </>
          ),
        },
      ]}
    />
  );
}
