import { words as both } from "@/i18n/words";

export const words = both(
  {
    title: "Settings",
    state:
      "As they are in force. They are set by environment variables and read when the server starts; there is nothing to change here.",
    search: "Find settings",
    text: "Name, value or words of the description",
    changed: "Only those that are set",
    count_one: "{{count}} setting",
    count_other: "{{count}} settings",
    none: "No setting is like that",
    noneHint: "Look for fewer words, or show all again.",
    all: "Show all",
    name: "Setting",
    value: "Value",
    source: "Where from",
    isSet: "Set",
    isDefault: "Default",
    defaultIs: "Default: {{value}}",
    nothing: "empty",
  },
  {
    title: "Einstellungen",
    state:
      "So, wie sie gelten. Gesetzt werden sie durch Umgebungsvariablen, gelesen beim Start des Servers; ändern lässt sich hier nichts.",
    search: "Einstellungen suchen",
    text: "Name, Wert oder Wörter der Beschreibung",
    changed: "Nur gesetzte",
    count_one: "{{count}} Einstellung",
    count_other: "{{count}} Einstellungen",
    none: "So eine Einstellung gibt es nicht",
    noneHint: "Suche nach weniger Wörtern oder zeige wieder alle.",
    all: "Alle zeigen",
    name: "Einstellung",
    value: "Wert",
    source: "Woher",
    isSet: "Gesetzt",
    isDefault: "Vorgabe",
    defaultIs: "Vorgabe: {{value}}",
    nothing: "leer",
  },
);
