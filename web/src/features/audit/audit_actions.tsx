import { useMutation } from "@tanstack/react-query";
import { Download, ShieldCheck } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { saveAs } from "@/components/download";
import { useRefusal } from "@/components/permissions";
import { announceProblem } from "@/components/said";
import { usePreferences } from "@/preferences";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { KeyValues } from "@/ui/key_values";
import { Menu, MenuItem } from "@/ui/menu";
import { Failure } from "@/ui/notice";
import { announce } from "@/ui/toast";
import type { AuditFilter } from "./filter";
import { exportAudit, verifyAudit } from "./queries";

const onError = announceProblem;

/** Export and verify. */
export function AuditActions({ filter }: { filter: AuditFilter }) {
  const { t } = useTranslation("audit");
  const { zone } = usePreferences();
  const [result, setResult] = useState<Schemas["AuditVerification"] | null>(null);
  const verifying = useMutation({ mutationFn: verifyAudit, onSuccess: setResult, onError });
  const exporting = useMutation({
    mutationFn: (format: "csv" | "ndjson") => exportAudit(filter, zone, format),
    onSuccess: (content, format) => {
      saveAs(content, `audit.${format}`);
      announce(t("exported"));
    },
    onError,
  });
  const refusal = { verify: useRefusal("verify_audit"), export: useRefusal("export_audit") };
  const button = (
    <Button icon={<Download />} isBusy={exporting.isPending} refused={refusal.export}>
      {t("export")}
    </Button>
  );
  return (
    <>
      {refusal.export ? (
        button
      ) : (
        <Menu trigger={button}>
          <MenuItem onSelect={() => exporting.mutate("csv")}>{t("csv")}</MenuItem>
          <MenuItem onSelect={() => exporting.mutate("ndjson")}>{t("ndjson")}</MenuItem>
        </Menu>
      )}
      <Button
        icon={<ShieldCheck />}
        isBusy={verifying.isPending}
        refused={refusal.verify}
        onClick={() => verifying.mutate()}
      >
        {t("verify")}
      </Button>
      <VerificationDialog result={result} onClose={() => setResult(null)} />
    </>
  );
}

interface VerificationDialogProps {
  result: Schemas["AuditVerification"] | null;
  onClose: () => void;
}

function VerificationDialog({ result, onClose }: VerificationDialogProps) {
  const { t } = useTranslation(["audit", "general"]);
  return (
    <Dialog
      isOpen={result !== null}
      onClose={onClose}
      title={t("verified")}
      closeLabel={t("general:close")}
      isWide
    >
      {result?.is_intact === false && <Failure title={t("broken")} detail={result.problem} />}
      {result?.is_intact && <p>{t("intact", { count: result.rows })}</p>}
      {result && (
        <>
          <KeyValues
            facts={[
              [t("newest"), result.last_sequence],
              [t("digest"), <code key="digest">{result.last_digest}</code>],
            ]}
          />
          <p>{t("digestHint")}</p>
        </>
      )}
    </Dialog>
  );
}
