import { useLocation, useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo, useRef } from "react";
import { type LineRange, pressed, readHash, writeHash } from "./line_hash";

/** What of a log stands in the address, so that a colleague can be shown it: lines, and what is looked for. */
export function useAddress() {
  const hash = useLocation({ select: (location) => location.hash });
  const { find = "" } = useSearch({ strict: false }) as { find?: string };
  const navigate = useNavigate();
  const selected = useMemo(() => readHash(hash), [hash]);
  const change = useCallback(
    (to: { hash: string | true; find?: string | undefined }) =>
      void navigate({
        to: ".",
        search: "find" in to ? (before: object) => ({ ...before, find: to.find }) : true,
        hash: to.hash,
        replace: true,
        resetScroll: false,
        hashScrollIntoView: false,
      } as never),
    [navigate],
  );
  const select = useCallback(
    (range: LineRange | null) => change({ hash: range === null ? "" : writeHash(range) }),
    [change],
  );
  const latest = useRef(selected);
  latest.current = selected;
  const pick = useCallback(
    (line: number, isExtending: boolean) => select(pressed(line, latest.current, isExtending)),
    [select],
  );
  const keepFind = useCallback((text: string) => change({ hash: true, find: text || undefined }), [change]);
  return { selected, select, pick, find, keepFind };
}
