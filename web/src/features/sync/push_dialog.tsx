import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { textOf } from "@/components/form_values";
import { Loaded, Trouble } from "@/components/loaded";
import { useRefusal } from "@/components/permissions";
import { Moment } from "@/components/time";
import { Badge, type Tone } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Copyable } from "@/ui/copyable";
import { DataTable } from "@/ui/data_table";
import { Dialog } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Form } from "@/ui/form";
import { SecretInput } from "@/ui/secret_input";
import { announce } from "@/ui/toast";
import { changeRepository, deliveriesQuery, type Repository, refreshRepositories } from "./queries";
import styles from "./sync.module.css";

const TONES: Record<Schemas["DeliveryStatus"], Tone> = {
  accepted: "ok",
  refused: "problem",
  duplicate: "off",
  ignored: "off",
};

interface PushDialogProps {
  repository: Repository;
  isOpen: boolean;
  onClose: () => void;
}

/** The webhook by which a Git host tells of pushes, and what it told. */
export function PushDialog({ repository, isOpen, onClose }: PushDialogProps) {
  const { t } = useTranslation(["sync", "general"]);
  return (
    <Dialog
      isOpen={isOpen}
      onClose={onClose}
      title={t("pushOf", { name: repository.name })}
      closeLabel={t("general:close")}
      isWide
    >
      <p>{t("pushHint")}</p>
      <Copyable
        text={`${location.origin}/api/push/${repository.name}`}
        label={t("pushUrl")}
        copyLabel={t("general:copy")}
        copiedLabel={t("general:copied")}
      />
      <PushSecret repository={repository} />
      <Deliveries name={repository.name} />
    </Dialog>
  );
}

function PushSecret({ repository }: { repository: Repository }) {
  const { t } = useTranslation("sync");
  const queryClient = useQueryClient();
  const refusal = useRefusal("change_repository");
  const refused = refusal ?? (repository.origin === "settings" ? t("bySettings") : null);
  const storing = useMutation({
    gcTime: 0, // what was sent is a secret
    mutationFn: (secret: string | null) => changeRepository(repository.name, { push_secret: secret }),
    onSuccess: ({ has_push_secret }) => {
      announce(t(has_push_secret ? "pushStored" : "pushStopped"));
      refreshRepositories(queryClient);
    },
  });
  return (
    <Form onSubmit={(values) => storing.mutate(textOf(values, "push_secret"))}>
      <p>{t(repository.has_push_secret ? "pushOn" : "pushOff")}</p>
      {storing.error && <Trouble error={storing.error} />}
      <Field label={t("pushSecret")} hint={t("pushSecretHint")}>
        <SecretInput name="push_secret" required words={{ show: t("show"), hide: t("hide") }} />
      </Field>
      <div className={styles.actions}>
        {repository.has_push_secret && (
          <Button kind="danger" refused={refused} onClick={() => storing.mutate(null)}>
            {t("stopPush")}
          </Button>
        )}
        <Button type="submit" refused={refused} isBusy={storing.isPending}>
          {t("storeSecret")}
        </Button>
      </div>
    </Form>
  );
}

function Deliveries({ name }: { name: string }) {
  const { t } = useTranslation("sync");
  const query = useQuery(deliveriesQuery(name));
  return (
    <div className={styles.stack}>
      <h3>{t("deliveries")}</h3>
      <Loaded query={query}>
        {({ deliveries }) =>
          deliveries.length === 0 ? (
            <p className={styles.aside}>{t("noDelivery")}</p>
          ) : (
            <DataTable
              label={t("deliveries")}
              rows={deliveries}
              keyOf={({ id }) => id}
              columns={[
                { head: t("when"), cell: ({ at }) => <Moment at={at} /> },
                {
                  head: t("result"),
                  cell: ({ status }) => <Badge tone={TONES[status]}>{t(`delivery.${status}`)}</Badge>,
                },
                {
                  head: t("from"),
                  cell: ({ sender, remote }) => [sender, remote].filter(Boolean).join(" · "),
                },
                {
                  head: t("what"),
                  isText: true,
                  cell: ({ event, message }) => [event, message].filter(Boolean).join(": "),
                },
              ]}
            />
          )
        }
      </Loaded>
    </div>
  );
}
