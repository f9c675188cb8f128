import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { ask, client } from "@/api/client";
import { setToken } from "@/api/session";
import { textOf } from "@/components/form_values";
import { ErrorNotice } from "@/components/said";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field, TextInput } from "@/ui/field";
import { announce } from "@/ui/toast";
import { enter } from "./queries";

/** Asks for another password for oneself; the server signs one out everywhere. */
export function ChangePassword({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation(["account", "general"]);
  const queryClient = useQueryClient();
  const form = useId();
  const change = useMutation({
    mutationFn: (values: FormData) =>
      ask(
        client.POST("/api/auth/password", {
          body: { current: textOf(values, "current"), new: textOf(values, "new") },
        }),
      ),
    onSuccess: () => {
      onClose();
      setToken(null);
      enter(queryClient, "sign_in");
      announce(t("passwordChanged"));
    },
  });
  return (
    <Dialog
      isOpen={isOpen}
      onClose={onClose}
      title={t("changePassword")}
      closeLabel={t("general:close")}
      actions={
        <>
          <Button onClick={onClose}>{t("general:cancel")}</Button>
          <Button type="submit" form={form} kind="primary" isBusy={change.isPending}>
            {t("changePassword")}
          </Button>
        </>
      }
    >
      <form
        id={form}
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate(new FormData(event.currentTarget));
        }}
      >
        {change.error && <ErrorNotice error={change.error} />}
        <Field label={t("currentPassword")}>
          <TextInput name="current" type="password" autoComplete="current-password" required />
        </Field>
        <Field label={t("newPassword")} hint={t("newPasswordHint")}>
          <TextInput name="new" type="password" autoComplete="new-password" minLength={12} required />
        </Field>
      </form>
    </Dialog>
  );
}
