import { useLocation, useNavigate } from "@tanstack/react-router";
import { Ellipsis } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Menu, MenuItem } from "@/ui/menu";
import { RARE_PLACES } from "./places";
import styles from "./shell.module.css";

/** On a phone: the places that the bar has no room for. */
export function MorePlaces() {
  const { t } = useTranslation("shell");
  const navigate = useNavigate();
  const path = useLocation({ select: ({ pathname }) => pathname });
  return (
    <Menu
      trigger={
        <button
          type="button"
          className={styles.place}
          aria-current={RARE_PLACES.some(({ to }) => to === path) ? "page" : undefined}
        >
          <Ellipsis aria-hidden />
          {t("more")}
        </button>
      }
    >
      {RARE_PLACES.map(({ to, name, icon: Icon }) => (
        <MenuItem key={name} icon={<Icon aria-hidden />} onSelect={() => void navigate({ to })}>
          {t(`places.${name}`)}
        </MenuItem>
      ))}
    </Menu>
  );
}
