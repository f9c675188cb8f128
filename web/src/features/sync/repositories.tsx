import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Loaded } from "@/components/loaded";
import { Empty } from "@/ui/notice";
import { repositoriesQuery, statusQuery } from "./queries";
import { RepositoryPanel } from "./repository_panel";
import styles from "./sync.module.css";

/** A panel for each repository. */
export function Repositories() {
  const { t } = useTranslation("sync");
  const statuses = useQuery(statusQuery);
  const repositories = useQuery(repositoriesQuery);
  return (
    <Loaded query={statuses} rows={8}>
      {({ repositories: found }) =>
        found.length === 0 ? (
          <Empty title={t("empty")}>{t("emptyHint")}</Empty>
        ) : (
          <div className={styles.panels}>
            {found.map((status) => (
              <RepositoryPanel
                key={status.repository}
                status={status}
                repository={repositories.data?.repositories.find(({ name }) => name === status.repository)}
              />
            ))}
          </div>
        )
      }
    </Loaded>
  );
}
