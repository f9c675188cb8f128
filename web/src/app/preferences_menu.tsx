import { SlidersHorizontal } from "lucide-react";
import { useTranslation } from "react-i18next";
import { changePreferences, type Preferences, usePreferences } from "@/preferences";
import { IconButton } from "@/ui/button";
import { Menu, MenuChoice, MenuLine } from "@/ui/menu";

/** Theme, time zone and language. */
export function PreferencesMenu() {
  const { t } = useTranslation("shell");
  const { theme, zone, language } = usePreferences();
  const localZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <Menu trigger={<IconButton label={t("preferences")} icon={<SlidersHorizontal />} />}>
      <MenuChoice<Preferences["theme"]>
        label={t("theme")}
        value={theme}
        choices={[
          ["system", t("themes.system")],
          ["light", t("themes.light")],
          ["dark", t("themes.dark")],
        ]}
        onChoose={(value) => changePreferences({ theme: value })}
      />
      <MenuLine />
      <MenuChoice<Preferences["zone"]>
        label={t("zone")}
        value={zone}
        choices={[
          ["local", t("zones.local", { zone: localZone })],
          ["utc", t("zones.utc")],
        ]}
        onChoose={(value) => changePreferences({ zone: value })}
      />
      <MenuLine />
      <MenuChoice<Preferences["language"]>
        label={t("language")}
        value={language}
        choices={[
          ["en", "English"],
          ["de", "Deutsch"],
        ]}
        onChoose={(value) => changePreferences({ language: value })}
      />
    </Menu>
  );
}
