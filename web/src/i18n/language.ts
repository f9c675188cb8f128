import i18next, { type Resource } from "i18next";
import { initReactI18next } from "react-i18next";
import { currentPreferences, onPreferences } from "@/preferences";

type Catalog = Record<string, { en: object; de: object }>;

/** Start with these catalogs, one a feature, and follow the language that is wanted. */
export function startLanguage(catalogs: Catalog): void {
  const of = (language: "en" | "de") =>
    Object.fromEntries(Object.entries(catalogs).map(([name, both]) => [name, both[language]]));
  const resources = { en: of("en"), de: of("de") } as Resource;
  void i18next.use(initReactI18next).init({
    resources,
    lng: currentPreferences().language,
    fallbackLng: "en",
    defaultNS: "general",
    interpolation: { escapeValue: false }, // React does that
    initAsync: false,
  });
  onPreferences(() => void i18next.changeLanguage(currentPreferences().language));
}
