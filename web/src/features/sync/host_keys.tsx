import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { ask, client, type Schemas } from "@/api/client";
import { Trouble } from "@/components/loaded";
import { Button } from "@/ui/button";
import { Warning } from "@/ui/notice";
import { announce } from "@/ui/toast";
import { pathOf, type Repository, refreshRepositories } from "./queries";
import styles from "./sync.module.css";

/** Which SSH servers are believed to be the Git host. Somebody has to compare the keys once. */
export function HostKeys({ repository }: { repository: Repository }) {
  const { t } = useTranslation("sync");
  const queryClient = useQueryClient();
  const params = pathOf(repository.name);
  const asking = useMutation({
    mutationFn: () => ask(client.GET("/api/repositories/{name}/host-keys", { params })),
  });
  const pinning = useMutation({
    mutationFn: (fingerprints: string[]) =>
      ask(client.POST("/api/repositories/{name}/host-keys", { params, body: { fingerprints } })),
    onSuccess: () => {
      announce(t("pinned"));
      asking.reset();
      refreshRepositories(queryClient);
    },
  });
  const shown = asking.data?.host_keys;
  const problem = asking.error ?? pinning.error;
  const accepted = repository.host_keys;
  return (
    <div className={styles.stack}>
      <h3>{t("hostKeys")}</h3>
      <p>{t(accepted.length > 0 ? "accepted" : "noneAccepted")}</p>
      <Fingerprints keys={accepted} />
      {problem && <Trouble error={problem} />}
      {shown ? (
        <>
          <Warning>{t("shown")}</Warning>
          <Fingerprints keys={shown} />
          <div>
            <Button
              kind="primary"
              isBusy={pinning.isPending}
              onClick={() => pinning.mutate(shown.map(({ fingerprint }) => fingerprint))}
            >
              {t("pin")}
            </Button>
          </div>
        </>
      ) : (
        <div>
          <Button isBusy={asking.isPending} onClick={() => asking.mutate()}>
            {t("askHost")}
          </Button>
        </div>
      )}
    </div>
  );
}

function Fingerprints({ keys }: { keys: readonly Schemas["HostKeyView"][] }) {
  if (keys.length === 0) return null;
  return (
    <ul className={styles.keys}>
      {keys.map(({ fingerprint, type }) => (
        <li key={fingerprint}>
          {fingerprint} ({type})
        </li>
      ))}
    </ul>
  );
}
