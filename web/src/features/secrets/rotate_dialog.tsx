import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ask, client, type Schemas } from "@/api/client";
import { ConfirmDialog } from "@/components/confirm_dialog";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { KeyValues } from "@/ui/key_values";
import { Warning } from "@/ui/notice";

type Rotation = Schemas["RotationView"];

/** Encrypts everything anew, and says what is left to do. */
export function RotateDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation(["secrets", "general"]);
  const [result, setResult] = useState<Rotation | null>(null);
  const finish = () => setResult(null);
  return (
    <>
      <ConfirmDialog
        isOpen={isOpen}
        onClose={onClose}
        title={t("rotateTitle")}
        verb={t("rotateVerb")}
        act={() => ask(client.POST("/api/secrets/rotate"))}
        onDone={setResult}
      >
        {t("rotateHint")}
      </ConfirmDialog>
      <Dialog
        isOpen={result !== null}
        onClose={finish}
        title={t("rotation")}
        closeLabel={t("general:close")}
        actions={
          <Button kind="primary" onClick={finish}>
            {t("general:done")}
          </Button>
        }
      >
        {result && <Result rotation={result} />}
      </Dialog>
    </>
  );
}

function Result({ rotation }: { rotation: Rotation }) {
  const { t } = useTranslation("secrets");
  const needs = rotation.manifests.map(
    ({ pipeline_name, field, is_lost }) => `${pipeline_name}: ${field}${is_lost ? ` (${t("lost")})` : ""}`,
  );
  const rows = Object.values(rotation.renewed).reduce((sum, count) => sum + count, 0);
  return (
    <>
      {rotation.advice ? <Warning>{rotation.advice}</Warning> : <p>{t("rotated")}</p>}
      <KeyValues
        facts={[
          [t("renewed"), rows],
          [t("former"), rotation.former_keys],
          [t("unreadable"), rotation.unreadable.join(", ")],
          [t("manifests"), needs.join(", ")],
        ]}
      />
    </>
  );
}
