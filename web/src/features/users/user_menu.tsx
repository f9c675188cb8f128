import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Ellipsis } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ConfirmDialog } from "@/components/confirm_dialog";
import { FormDialog } from "@/components/form_dialog";
import { textOf } from "@/components/form_values";
import { announceProblem } from "@/components/said";
import { IconButton } from "@/ui/button";
import { Menu, MenuItem, MenuLine } from "@/ui/menu";
import { announce } from "@/ui/toast";
import { PasswordField } from "./password_field";
import { changeUser, ROLES, type Role, refreshPeople, removeUser, signUserOut, type User } from "./queries";
import { RoleField } from "./role_field";

type Asked = "role" | "password" | "disable" | "remove" | null;

/** What an admin can do with a user. The server keeps the last admin. */
export function UserMenu({ user }: { user: User }) {
  const { t } = useTranslation("users");
  const queryClient = useQueryClient();
  const [asked, setAsked] = useState<Asked>(null);
  const { name } = user;
  const done = (text: string) => {
    announce(text);
    refreshPeople(queryClient);
  };
  const atOnce = useMutation({
    mutationFn: async (deed: "signOut" | "enable") => {
      if (deed === "enable") await changeUser(name, { is_enabled: true });
      else await signUserOut(name);
      return deed;
    },
    onSuccess: (deed) => done(t(deed === "enable" ? "nowEnabled" : "signedOut", { name })),
    onError: announceProblem,
  });
  return (
    <>
      <Menu trigger={<IconButton label={t("more", { name })} icon={<Ellipsis />} />}>
        <MenuItem onSelect={() => setAsked("role")}>{t("changeRole")}</MenuItem>
        <MenuItem onSelect={() => setAsked("password")}>{t("resetPassword")}</MenuItem>
        <MenuItem onSelect={() => atOnce.mutate("signOut")}>{t("signOut")}</MenuItem>
        <MenuLine />
        {user.is_enabled ? (
          <MenuItem onSelect={() => setAsked("disable")}>{t("disable")}</MenuItem>
        ) : (
          <MenuItem onSelect={() => atOnce.mutate("enable")}>{t("enable")}</MenuItem>
        )}
        <MenuItem onSelect={() => setAsked("remove")}>{t("remove")}</MenuItem>
      </Menu>
      <Questions user={user} asked={asked} onClose={() => setAsked(null)} onDone={done} />
    </>
  );
}

interface QuestionsProps {
  user: User;
  asked: Asked;
  onClose: () => void;
  onDone: (text: string) => void;
}

function Questions({ user, asked, onClose, onDone }: QuestionsProps) {
  const { t } = useTranslation(["users", "general"]);
  const { name } = user;
  return (
    <>
      <FormDialog
        isOpen={asked === "role"}
        onClose={onClose}
        title={t("changeRoleTitle", { name })}
        verb={t("changeRole")}
        submit={(values) => changeUser(name, { role: textOf(values, "role") as Role })}
        onDone={({ role }) => onDone(t("roleChanged", { name, role: t(`general:role.${role}`) }))}
      >
        {(errors) => <RoleField roles={ROLES} initial={user.role} error={errors.role} />}
      </FormDialog>
      <FormDialog
        isOpen={asked === "password"}
        onClose={onClose}
        title={t("resetPasswordTitle", { name })}
        verb={t("resetPassword")}
        submit={(values) => changeUser(name, { password: textOf(values, "password") })}
        onDone={() => onDone(t("passwordReset", { name }))}
      >
        {(errors) => (
          <>
            <p>{t("resetPasswordHint", { name })}</p>
            <PasswordField label={t("newPassword")} hint={t("passwordHint")} error={errors.password} />
          </>
        )}
      </FormDialog>
      <ConfirmDialog
        isOpen={asked === "disable"}
        onClose={onClose}
        title={t("disableTitle", { name })}
        verb={t("disable")}
        act={() => changeUser(name, { is_enabled: false })}
        onDone={() => onDone(t("nowDisabled", { name }))}
      >
        {t("disableHint")}
      </ConfirmDialog>
      <ConfirmDialog
        isOpen={asked === "remove"}
        onClose={onClose}
        title={t("removeTitle", { name })}
        verb={t("remove")}
        act={() => removeUser(name)}
        onDone={() => onDone(t("removed", { name }))}
      >
        {t("removeHint")}
      </ConfirmDialog>
    </>
  );
}
