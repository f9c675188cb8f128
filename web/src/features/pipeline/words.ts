import { words as environment } from "./environment_words";
import { words as page } from "./page_words";
import { words as schedule } from "./schedule_words";
import { words as trigger } from "./trigger_words";

/** All words of the page of a pipeline: one catalog, written in parts. */
export const words = {
  en: { ...page.en, ...schedule.en, ...trigger.en, ...environment.en },
  de: { ...page.de, ...schedule.de, ...trigger.de, ...environment.de },
};
