import { useQuery } from "@tanstack/react-query";
import { Lock } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { Empty, Skeleton } from "@/ui/notice";
import { meQuery, type Operation } from "./permissions";

interface GuardedProps {
  /** The operation that the content is made of. */
  operation: Operation;
  /** The weakest role that may call it. */
  needs: Exclude<Schemas["Role"], "viewer">;
  children: ReactNode;
}

/** Shows its content to whoever may see it; tells others who may. */
export function Guarded({ operation, needs, children }: GuardedProps) {
  const { t } = useTranslation();
  const { data: me } = useQuery(meQuery);
  if (me === undefined) return <Skeleton label={t("loading")} />;
  if (me.may.includes(operation)) return children;
  return (
    <Empty icon={<Lock aria-hidden />} title={t(`guarded.${needs}`)}>
      {t("guarded.you", { name: me.name, role: t(`role.${me.role}`) })}
    </Empty>
  );
}
