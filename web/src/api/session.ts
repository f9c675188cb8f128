/**
 * The access token of whoever is signed in. It lives in this page's memory only; the refresh token is in a
 * cookie that no script can read. A server without accounts needs neither.
 */

let accessToken: string | null = null;
let refreshing: Promise<boolean> | null = null;
const listeners = new Set<() => void>();

export function currentToken(): string | null {
  return accessToken;
}

export function setToken(token: string | null): void {
  accessToken = token;
}

/** Call `listener` when the server asks for a session and there is none (any more). Returns how to stop that. */
export function onSignedOut(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Get another access token by the cookie; `false`: nobody is signed in. Asked often at once, it asks once. */
export function refresh(): Promise<boolean> {
  refreshing ??= refreshOnce().finally(() => {
    refreshing = null;
  });
  return refreshing;
}

async function refreshOnce(): Promise<boolean> {
  const answer = await fetch("/api/auth/refresh", { method: "POST" });
  if (answer.ok) {
    accessToken = ((await answer.json()) as { access_token: string }).access_token;
    return true;
  }
  if (answer.status === 401 || answer.status === 403) {
    accessToken = null;
    for (const listener of listeners) listener();
  }
  return false;
}

/** `fetch` with whatever credential there is; gets another one, once, where the server asks for it. */
export async function authorizedFetch(input: Request): Promise<Response> {
  const again = input.clone();
  const answer = await fetch(withToken(input));
  if (answer.status !== 401 || new URL(input.url).pathname.startsWith("/api/auth/login")) return answer;
  return (await refresh()) ? fetch(withToken(again)) : answer;
}

function withToken(request: Request): Request {
  if (accessToken !== null) request.headers.set("Authorization", `Bearer ${accessToken}`);
  return request;
}
