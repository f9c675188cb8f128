import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ask, client, type Schemas } from "@/api/client";
import { FormDialog } from "@/components/form_dialog";
import { numberOrNull, textOrNull } from "@/components/form_values";
import { ShownOnce } from "@/components/shown_once";
import { Copyable } from "@/ui/copyable";
import { Field, Select } from "@/ui/field";
import { Check } from "@/ui/form";
import { ExpiryField } from "./expire_dialog";
import { TestDelivery } from "./test_delivery";

interface NewKeyDialogProps {
  pipeline: Schemas["PipelineView"];
  isOpen: boolean;
  onClose: () => void;
  onMade: () => void;
}

/** Makes a key, and shows it this once: as a URL, with a command that tries it. */
export function NewKeyDialog({ pipeline, isOpen, onClose, onMade }: NewKeyDialogProps) {
  const { t } = useTranslation(["pipeline", "general"]);
  const [made, setMade] = useState<Schemas["NewWebhookKeyView"] | null>(null);
  const settings = scheduleIds(pipeline);
  const url = made ? location.origin + made.path : "";
  return (
    <>
      <FormDialog
        isOpen={isOpen}
        onClose={onClose}
        title={t("newKey")}
        verb={t("makeKey")}
        submit={(values) =>
          ask(
            client.POST("/api/pipelines/{name}/webhook-keys", {
              params: { path: { name: pipeline.name } },
              body: {
                expires_in_seconds: numberOrNull(values, "expires_in_seconds"),
                run_config_id: textOrNull(values, "run_config_id"),
                is_signed: values.has("is_signed"),
              },
            }),
          )
        }
        onDone={(key) => {
          setMade(key);
          onMade();
        }}
      >
        {(errors) => (
          <>
            <ExpiryField error={errors.expires_in_seconds} />
            {settings.length > 0 && (
              <Field label={t("settings")} hint={t("settingsHint")} error={errors.run_config_id}>
                <Select name="run_config_id" defaultValue="">
                  <option value="">{t("settingsOwn")}</option>
                  {settings.map((id) => (
                    <option key={id}>{id}</option>
                  ))}
                </Select>
              </Field>
            )}
            <Check name="is_signed" label={t("signing")} hint={t("signingHint")} />
          </>
        )}
      </FormDialog>
      <ShownOnce
        value={made && url}
        title={t("keyMade")}
        label={t("url")}
        warning={t("keyOnce")}
        onClose={() => setMade(null)}
      >
        {made?.signing_secret && (
          <div>
            <p>{t("signingSecret")}</p>
            <Copyable
              text={made.signing_secret}
              label={t("signingSecret")}
              copyLabel={t("general:copy")}
              copiedLabel={t("general:copied")}
            />
          </div>
        )}
        {made && <TestDelivery url={url} secret={made.signing_secret} />}
      </ShownOnce>
    </>
  );
}

function scheduleIds({ manifest }: Schemas["PipelineView"]): string[] {
  const schedules = Array.isArray(manifest?.schedules) ? manifest.schedules : [];
  return schedules.flatMap((schedule) =>
    schedule !== null &&
    typeof schedule === "object" &&
    !Array.isArray(schedule) &&
    typeof schedule.id === "string"
      ? [schedule.id]
      : [],
  );
}
