import { useSyncExternalStore } from "react";

/** `refused`: the server answers, but not to us: somebody has to sign in. */
export type Connection = "connecting" | "live" | "lost" | "refused";

let connection: Connection = "connecting";
let lastContactAt: Date | null = null;
const listeners = new Set<() => void>();

export function setConnection(now: Connection): void {
  if (now === "lost" && connection !== "lost") lastContactAt = new Date();
  connection = now;
  for (const listener of listeners) listener();
}

/** Whether the stream of events is there. */
export function useConnection(): Connection {
  return useSyncExternalStore(listen, () => connection);
}

/** Since when nothing is heard of the server; null while it is there. */
export function useLostSince(): Date | null {
  return useSyncExternalStore(listen, () => (connection === "lost" ? lastContactAt : null));
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
