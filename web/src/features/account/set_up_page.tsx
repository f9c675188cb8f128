import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { ask, client } from "@/api/client";
import { setToken } from "@/api/session";
import { textOf } from "@/components/form_values";
import { ErrorNotice } from "@/components/said";
import { Button } from "@/ui/button";
import { Field, TextInput } from "@/ui/field";
import { EntryForm } from "./entry_form";
import { enter } from "./queries";

/** Makes the first administrator, and signs them in. */
export function SetUpPage() {
  const { t } = useTranslation("account");
  const queryClient = useQueryClient();
  const setUp = useMutation({
    mutationFn: async (values: FormData) => {
      const account = { name: textOf(values, "name"), password: textOf(values, "password") };
      await ask(client.POST("/api/setup", { body: { ...account, token: textOf(values, "token") } }));
      return ask(client.POST("/api/auth/login", { body: account }));
    },
    onSuccess: (session) => {
      setToken(session.access_token);
      enter(queryClient, "signed_in");
    },
  });
  return (
    <EntryForm title={t("setUp")} intro={t("setUpIntro")} onSubmit={setUp.mutate}>
      {setUp.error && <ErrorNotice error={setUp.error} />}
      <Field label={t("setUpToken")} hint={t("setUpTokenHint")}>
        <TextInput name="token" autoComplete="off" spellCheck={false} required />
      </Field>
      <Field label={t("name")}>
        <TextInput name="name" autoComplete="username" autoCapitalize="none" required />
      </Field>
      <Field label={t("newPassword")} hint={t("newPasswordHint")}>
        <TextInput name="password" type="password" autoComplete="new-password" minLength={12} required />
      </Field>
      <Button type="submit" kind="primary" isBusy={setUp.isPending}>
        {t("make")}
      </Button>
    </EntryForm>
  );
}
