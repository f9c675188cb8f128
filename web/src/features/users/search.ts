const TABS = ["tokens", "users", "identities"] as const;

export type UsersTab = (typeof TABS)[number];

/** Which part of the page is open; it stands in the URL. */
export interface UsersSearch {
  tab?: UsersTab;
  /** The tokens of all users, not only one's own. */
  everybody?: true;
}

export function readUsersSearch(search: Record<string, unknown>): UsersSearch {
  const tab = TABS.find((each) => each === search.tab);
  return { ...(tab && { tab }), ...(search.everybody === true && { everybody: true }) };
}
