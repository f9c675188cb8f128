const TABS = ["repositories", "log", "apps"] as const;

export type SyncTab = (typeof TABS)[number];

/** Which part of the page is open, and which sync is looked at; it stands in the URL. */
export interface SyncSearch {
  tab?: SyncTab;
  /** The log of this repository only. */
  repository?: string;
  sync?: string;
}

export function readSyncSearch(search: Record<string, unknown>): SyncSearch {
  const tab = TABS.find((each) => each === search.tab);
  const text = (name: string) => (typeof search[name] === "string" ? (search[name] as string) : "");
  return {
    ...(tab && { tab }),
    ...(text("repository") && { repository: text("repository") }),
    ...(text("sync") && { sync: text("sync") }),
  };
}
