import "@fontsource-variable/ibm-plex-sans/wght.css";
import "@fontsource/ibm-plex-mono/latin-400.css";
import "@fontsource/ibm-plex-mono/latin-600.css";
import "@/ui/tokens.css";
import "@/ui/document.css";
import { createRoot } from "react-dom/client";
import { startLanguage } from "@/i18n/language";
import { apply } from "@/preferences";
import { App } from "./app";
import { CATALOGS } from "./words";

apply();
startLanguage(CATALOGS);

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
createRoot(root).render(<App />);
