import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { CircleUser, KeyRound, LogOut } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ask, client } from "@/api/client";
import { setToken } from "@/api/session";
import { meQuery } from "@/components/permissions";
import { announceProblem } from "@/components/said";
import { ChangePassword } from "@/features/account/change_password";
import { enter } from "@/features/account/queries";
import { IconButton } from "@/ui/button";
import { Menu, MenuItem, MenuLine, MenuText } from "@/ui/menu";
import { announce } from "@/ui/toast";

/** Who is signed in, and the way out. */
export function AccountMenu() {
  const { t } = useTranslation(["account", "general"]);
  const queryClient = useQueryClient();
  const [isChanging, setChanging] = useState(false);
  const { data: me } = useQuery(meQuery);
  const leave = useMutation({
    mutationFn: async (isEverywhere: boolean) => {
      if (isEverywhere) await ask(client.POST("/api/auth/logout-everywhere"));
      await ask(client.POST("/api/auth/logout"));
      return isEverywhere;
    },
    onSuccess: (isEverywhere) => {
      setToken(null);
      enter(queryClient, "sign_in");
      if (isEverywhere) announce(t("signedOutEverywhere"));
    },
    onError: announceProblem,
  });
  if (me === undefined) return null;
  if (me.kind !== "user") {
    return (
      <Menu trigger={<IconButton label={t("local")} icon={<CircleUser />} />}>
        <MenuText title={t("local")}>{t("localHint")}</MenuText>
      </Menu>
    );
  }
  return (
    <>
      <Menu trigger={<IconButton label={t("signedInAs", { name: me.name })} icon={<CircleUser />} />}>
        <MenuText title={me.name}>{t(`general:role.${me.role}`)}</MenuText>
        <MenuLine />
        <MenuItem icon={<KeyRound />} onSelect={() => setChanging(true)}>
          {t("changePassword")}
        </MenuItem>
        <MenuItem icon={<LogOut />} onSelect={() => leave.mutate(false)}>
          {t("signOut")}
        </MenuItem>
        <MenuItem icon={<LogOut />} onSelect={() => leave.mutate(true)}>
          {t("signOutEverywhere")}
        </MenuItem>
      </Menu>
      <ChangePassword isOpen={isChanging} onClose={() => setChanging(false)} />
    </>
  );
}
