import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Button } from "@/ui/button";
import { Empty, Failure } from "@/ui/notice";
import { Page } from "@/ui/page";

/** In the place of a page that failed: what is to be told, and a way out. */
export function BrokenPage({ error }: { error: unknown }) {
  const { t } = useTranslation();
  return (
    <Page title={t("problem.broken")}>
      <Failure
        title={t("problem.brokenHint")}
        detail={<code>{error instanceof Error ? error.message : String(error)}</code>}
        action={<Button onClick={() => location.reload()}>{t("problem.reload")}</Button>}
      />
    </Page>
  );
}

export function MissingPage() {
  const { t } = useTranslation();
  return (
    <Page title={t("problem.notFound")}>
      <Empty title={location.pathname}>
        <Link to="/">{t("problem.home")}</Link>
      </Empty>
    </Page>
  );
}
