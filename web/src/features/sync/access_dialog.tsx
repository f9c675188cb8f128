import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ask, client } from "@/api/client";
import { ConfirmDialog } from "@/components/confirm_dialog";
import { Trouble } from "@/components/loaded";
import { Button } from "@/ui/button";
import { Copyable } from "@/ui/copyable";
import { Dialog } from "@/ui/dialog";
import { announce } from "@/ui/toast";
import { HostKeys } from "./host_keys";
import { pathOf, type Repository, refreshRepositories, repositoriesQuery } from "./queries";
import { isSsh } from "./state";
import styles from "./sync.module.css";

/** How the server gets in to a repository, and whether it does. */
export function AccessDialog({ name, onClose }: { name: string | null; onClose: () => void }) {
  const { t } = useTranslation(["sync", "general"]);
  const { data } = useQuery(repositoriesQuery);
  const repository = data?.repositories.find((each) => each.name === name);
  return (
    <Dialog
      isOpen={name !== null}
      onClose={onClose}
      title={t("accessOf", { name: name ?? "" })}
      closeLabel={t("general:close")}
      isWide
      actions={
        <Button kind="primary" onClick={onClose}>
          {t("general:done")}
        </Button>
      }
    >
      {repository && (
        <>
          {repository.public_key && <DeployKey repository={repository} publicKey={repository.public_key} />}
          {isSsh(repository.url) && <HostKeys repository={repository} />}
          <CheckAccess repository={repository} />
        </>
      )}
    </Dialog>
  );
}

function DeployKey({ repository, publicKey }: { repository: Repository; publicKey: string }) {
  const { t } = useTranslation(["sync", "general"]);
  const queryClient = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  return (
    <div className={styles.stack}>
      <h3>{t("deployKey")}</h3>
      <p>{t("deployKeyHint")}</p>
      <Copyable
        text={publicKey}
        label={t("deployKey")}
        copyLabel={t("general:copy")}
        copiedLabel={t("general:copied")}
      />
      <div>
        <Button onClick={() => setAsking(true)}>{t("renew")}</Button>
      </div>
      <ConfirmDialog
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        title={t("renewTitle")}
        verb={t("renew")}
        act={() =>
          ask(client.POST("/api/repositories/{name}/deploy-key", { params: pathOf(repository.name) }))
        }
        onDone={() => {
          announce(t("renewed"));
          refreshRepositories(queryClient);
        }}
      >
        {t("renewHint")}
      </ConfirmDialog>
    </div>
  );
}

function CheckAccess({ repository }: { repository: Repository }) {
  const { t } = useTranslation("sync");
  const checking = useMutation({
    mutationFn: () => ask(client.POST("/api/repositories/{name}/check", { params: pathOf(repository.name) })),
  });
  return (
    <div className={styles.stack}>
      <div>
        <Button isBusy={checking.isPending} onClick={() => checking.mutate()}>
          {t("check")}
        </Button>
      </div>
      {checking.error && <Trouble error={checking.error} />}
      {checking.data && (
        <p role="status">
          <strong>{t("checked")}</strong>
          <br />
          {t("branches", { names: checking.data.branches.join(", ") })}
        </p>
      )}
    </div>
  );
}
