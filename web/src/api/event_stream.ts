import { createParser, type EventSourceMessage } from "eventsource-parser";
import { problemOf, unreachable } from "./problem";
import { authorizedFetch } from "./session";

export type { EventSourceMessage };

export interface StreamOptions {
  /** Called with all events that arrived together. */
  onEvents: (events: EventSourceMessage[]) => void;
  /** `true` as soon as the server answers, `false` when the connection is lost; it is made again by itself. */
  onConnected?: (isConnected: boolean) => void;
  /** The server will not give this stream: nothing is tried again. */
  onRefused?: (problem: Error) => void;
  /** Id of the last event that is known already. */
  lastEventId?: string | undefined;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;
/** The server says something every 15 s at least. */
const SILENCE_MS = 40_000;

/**
 * Follow a stream of Server-Sent Events until `stop` is called or the server ends it with an `end` event.
 *
 * By `fetch`, because an `EventSource` can bring no `Authorization` header, and a token has no place in a
 * URL. It resumes where it broke off, and lets go of its connection while nobody looks at the page:
 * a browser has six for each server, over all tabs.
 */
export function followStream(url: string, options: StreamOptions): { stop: () => void } {
  const stopping = new AbortController();
  const state: Following = { lastEventId: options.lastEventId, hasEnded: false };
  void run(url, options, state, stopping.signal);
  return { stop: () => stopping.abort() };
}

interface Following {
  lastEventId: string | undefined;
  hasEnded: boolean;
}

async function run(
  url: string,
  options: StreamOptions,
  state: Following,
  stopped: AbortSignal,
): Promise<void> {
  let wait = FIRST_WAIT_MS;
  while (!stopped.aborted && !state.hasEnded) {
    await untilVisible(stopped);
    const hasConnected = await once(url, options, state, stopped);
    if (stopped.aborted || state.hasEnded) return;
    options.onConnected?.(false);
    wait = hasConnected ? FIRST_WAIT_MS : Math.min(wait * 2, LONGEST_WAIT_MS);
    await pause(wait * (0.75 + Math.random() / 2), stopped);
  }
}

/** Follow one connection to its end; return whether there was one. */
async function once(
  url: string,
  options: StreamOptions,
  state: Following,
  stopped: AbortSignal,
): Promise<boolean> {
  const connection = new AbortController();
  const abort = () => connection.abort();
  stopped.addEventListener("abort", abort);
  const stopWatching = watchHidden(abort);
  let silence = setTimeout(abort, SILENCE_MS);
  let isConnected = false;
  try {
    const headers: Record<string, string> = { Accept: "text/event-stream" };
    if (state.lastEventId !== undefined) headers["Last-Event-ID"] = state.lastEventId;
    const answer = await authorizedFetch(
      new Request(new URL(url, location.origin), { headers, signal: connection.signal, cache: "no-store" }),
    );
    if (!answer.ok || answer.body === null) {
      if (answer.status >= 500) return false;
      state.hasEnded = true;
      options.onRefused?.(answer.ok ? unreachable() : await problemOf(answer));
      return false;
    }
    isConnected = true;
    options.onConnected?.(true);
    let batch: EventSourceMessage[] = [];
    const parser = createParser({
      onEvent: (event) => {
        if (event.id !== undefined) state.lastEventId = event.id;
        if (event.event === "end") state.hasEnded = true;
        batch.push(event);
      },
    });
    for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
      clearTimeout(silence);
      silence = setTimeout(abort, SILENCE_MS);
      parser.feed(chunk);
      if (batch.length > 0) options.onEvents(batch);
      batch = [];
    }
    return true;
  } catch {
    // Broken off: by the network, by silence, or by us. What was read is kept; the caller connects again.
    return isConnected;
  } finally {
    clearTimeout(silence);
    stopWatching();
    stopped.removeEventListener("abort", abort);
    connection.abort();
  }
}

const HIDDEN_FOR_MS = 30_000;

/** Call `leave` when the page has not been looked at for a while. Returns how to stop watching. */
function watchHidden(leave: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    clearTimeout(timer);
    if (document.hidden) timer = setTimeout(leave, HIDDEN_FOR_MS);
  };
  document.addEventListener("visibilitychange", look);
  look();
  return () => {
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", look);
  };
}

/** Wait until somebody can see the page, or nobody waits any more. */
export function untilVisible(stopped: AbortSignal): Promise<void> {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      if (document.hidden && !stopped.aborted) return;
      document.removeEventListener("visibilitychange", done);
      stopped.removeEventListener("abort", done);
      resolve();
    };
    document.addEventListener("visibilitychange", done);
    stopped.addEventListener("abort", done);
  });
}

/** Wait that long, or until nobody waits any more. */
export function pause(milliseconds: number, stopped: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, milliseconds);
    function done() {
      clearTimeout(timer);
      stopped.removeEventListener("abort", done);
      resolve();
    }
    stopped.addEventListener("abort", done);
  });
}
