const PAUSES_MS = [200, 1000, 3000];

/**
 * Return a loader that tries again where the network drops what it loads.
 *
 * A browser drops what it has asked for whenever a network interface changes, as when Docker starts a container
 * on the same machine.
 */
export function late<T>(load: () => Promise<T>, pauses: readonly number[] = PAUSES_MS): () => Promise<T> {
  return async () => {
    for (const pause of pauses) {
      try {
        return await load();
      } catch {
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
    return await load(); // the last failure is told
  };
}
