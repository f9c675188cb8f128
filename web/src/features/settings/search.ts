/** What is looked for among the settings; it stands in the URL. */
export interface SettingsSearch {
  text?: string;
  /** Only those that differ from their default. */
  changed?: true;
}

export function readSettingsSearch(search: Record<string, unknown>): SettingsSearch {
  return {
    ...(typeof search.text === "string" && search.text && { text: search.text }),
    ...(search.changed === true && { changed: true }),
  };
}
