import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { Search } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Keys } from "@/ui/keys";
import { AccountMenu } from "./account_menu";
import { Commands } from "./commands";
import { ConnectionState, OfflineNotice } from "./connection_state";
import { MorePlaces } from "./more_places";
import { PLACES, type Place, RARE_PLACES } from "./places";
import { PreferencesMenu } from "./preferences_menu";
import styles from "./shell.module.css";

/** The frame around every page: the rail, and the page beside it. */
export function Shell() {
  const { t } = useTranslation("shell");
  const [isPaletteOpen, setPaletteOpen] = useState(false);
  useFocusOnNavigation();
  return (
    <div className={styles.shell}>
      <a href="#content" className={styles.skip}>
        {t("skip")}
      </a>
      <nav className={styles.rail} aria-label={t("navigation")}>
        <Link to="/" className={styles.name}>
          <img src="/favicon.svg" alt="" width={20} height={20} />
          <span>Fast-Flow</span>
        </Link>
        <button type="button" className={styles.search} onClick={() => setPaletteOpen(true)}>
          <Search aria-hidden />
          <span>{t("search")}</span>
          <Keys keys="Ctrl K" />
        </button>
        <div className={styles.places}>
          <Places places={PLACES.filter(({ isRare }) => !isRare)} />
          <div className={styles.rare}>
            <Places places={RARE_PLACES} />
          </div>
          <div className={styles.more}>
            <MorePlaces />
          </div>
        </div>
        <div className={styles.foot}>
          <ConnectionState />
          <AccountMenu />
          <PreferencesMenu />
        </div>
      </nav>
      <main id="content" className={styles.content} tabIndex={-1}>
        <OfflineNotice />
        <Outlet />
      </main>
      <Commands isOpen={isPaletteOpen} onOpen={setPaletteOpen} />
    </div>
  );
}

function Places({ places }: { places: readonly Place[] }) {
  const { t } = useTranslation("shell");
  return (
    <ul>
      {places.map(({ to, name, icon: Icon }) => (
        <li key={name}>
          <Link to={to} className={styles.place} activeOptions={{ exact: to === "/", includeSearch: false }}>
            <Icon aria-hidden />
            <span>{t(`places.${name}`)}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

/** A new page takes the focus, so that screen readers begin at it and Tab goes on from there. */
function useFocusOnNavigation(): void {
  const path = useLocation({ select: ({ pathname }) => pathname });
  const shown = useRef(path);
  useEffect(() => {
    if (shown.current === path) return;
    shown.current = path;
    document.getElementById("content")?.focus({ preventScroll: true });
  }, [path]);
}
