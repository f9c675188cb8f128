import { useState } from "react";

/** How somebody wants to see logs; kept in this browser. */
export interface LogLook {
  isWrapped: boolean;
  hasTimes: boolean;
}

const KEY = "fastflow.log";

function read(): LogLook {
  const usual = { isWrapped: matchMedia("(width < 900px)").matches, hasTimes: false };
  try {
    return { ...usual, ...(JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<LogLook>) };
  } catch {
    return usual; // no storage, or something else in it
  }
}

export function useLogLook(): [LogLook, (change: Partial<LogLook>) => void] {
  const [look, setLook] = useState(read);
  const change = (change: Partial<LogLook>) => {
    const next = { ...look, ...change };
    setLook(next);
    try {
      localStorage.setItem(KEY, JSON.stringify(next));
    } catch {
      // A private window may refuse; the choice holds until the page is left.
    }
  };
  return [look, change];
}
