import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Send } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { problemOf } from "@/api/problem";
import { Trouble } from "@/components/loaded";
import { Button } from "@/ui/button";
import { Copyable } from "@/ui/copyable";
import styles from "./pipeline.module.css";

/** Tries a webhook: by a command to copy, or at once where it needs no signature. */
export function TestDelivery({ url, secret }: { url: string; secret: string | null }) {
  const { t } = useTranslation(["pipeline", "general"]);
  const send = useMutation({
    mutationFn: async () => {
      // As another system would: with nothing but the key.
      const answer = await fetch(url, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: "{}",
        credentials: "omit",
      });
      if (!answer.ok) throw await problemOf(answer);
      return (await answer.json()) as Schemas["RunView"];
    },
  });
  return (
    <div className={styles.stack}>
      <p>{t("tryIt")}</p>
      <Copyable
        text={commandFor(url, secret)}
        label={t("command")}
        copyLabel={t("general:copy")}
        copiedLabel={t("general:copied")}
      />
      {secret === null && (
        <p>
          <Button icon={<Send aria-hidden />} isBusy={send.isPending} onClick={() => send.mutate()}>
            {t("sendTest")}
          </Button>{" "}
          {send.data && (
            <Link to="/runs/$runId" params={{ runId: send.data.id }}>
              {t("testStarted")}
            </Link>
          )}
        </p>
      )}
      {send.error && <Trouble error={send.error} />}
    </div>
  );
}

/** Write a command for a shell that delivers an empty object, signed where it has to be. */
export function commandFor(url: string, secret: string | null): string {
  const body = "{}";
  const parts = ["curl -X POST", quoted(url), "-H 'Content-Type: application/json'", `-d '${body}'`];
  if (secret === null) return parts.join(" ");
  const sign = `printf '%s' '${body}' | openssl dgst -sha256 -hmac ${quoted(secret)} | sed 's/^.* //'`;
  return [...parts, `-H "X-Hub-Signature-256: sha256=$(${sign})"`].join(" ");
}

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
