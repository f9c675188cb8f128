import type { LinkProps } from "@tanstack/react-router";
import {
  CalendarClock,
  House,
  Info,
  KeyRound,
  List,
  type LucideIcon,
  RefreshCw,
  ScrollText,
  Settings,
  Users,
  Workflow,
} from "lucide-react";
import type { shell } from "./shell_words";

/** A page that is always one step away: in the rail, in the palette, and by `g` and a letter. */
export interface Place {
  to: NonNullable<LinkProps["to"]>;
  name: keyof (typeof shell)["en"]["places"];
  icon: LucideIcon;
  letter: string;
  /** Gone to now and then: below the line in the rail, on a phone under "More". */
  isRare?: true;
}

export const PLACES: readonly Place[] = [
  { to: "/", name: "home", icon: House, letter: "h" },
  { to: "/runs", name: "runs", icon: List, letter: "r" },
  { to: "/pipelines", name: "pipelines", icon: Workflow, letter: "p" },
  { to: "/schedules", name: "schedules", icon: CalendarClock, letter: "s" },
  { to: "/sync", name: "sync", icon: RefreshCw, letter: "y" },
  { to: "/secrets", name: "secrets", icon: KeyRound, letter: "k", isRare: true },
  { to: "/users", name: "users", icon: Users, letter: "u", isRare: true },
  { to: "/audit", name: "audit", icon: ScrollText, letter: "a", isRare: true },
  { to: "/settings", name: "settings", icon: Settings, letter: "e", isRare: true },
  { to: "/about", name: "about", icon: Info, letter: "i", isRare: true },
];

export const RARE_PLACES = PLACES.filter(({ isRare }) => isRare);
