import { useQueries } from "@tanstack/react-query";
import { useWindowVirtualizer, type VirtualItem } from "@tanstack/react-virtual";
import { useLayoutEffect, useRef, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { recentQuery } from "@/components/recent_query";
import type { PipelineSummary } from "./filter";
import { PipelineRow } from "./pipeline_row";
import styles from "./pipelines.module.css";

/** As the style sheet has them. */
const ROW = 52;
const ROW_ON_A_PHONE = 88;
const PHONE = "(width < 900px)";
/** So many neighbours are asked for at once, so that scrolling back finds what is there. */
const BLOCK = 25;

/** Pipelines in rows, of which those in sight exist. */
export function PipelineList({ pipelines }: { pipelines: readonly PipelineSummary[] }) {
  const { t } = useTranslation("pipelines");
  const size = useIsPhone() ? ROW_ON_A_PHONE : ROW;
  return (
    <div className={styles.table}>
      <div className={styles.head} aria-hidden>
        <span />
        <span>{t("column.pipeline")}</span>
        <span className={styles.end}>{t("column.runs")}</span>
        <span className={styles.end} title={t("successHint")}>
          {t("column.success")}
        </span>
        <span>{t("column.duration")}</span>
        <span>{t("column.next")}</span>
      </div>
      <Rows key={size} pipelines={pipelines} size={size} />
    </div>
  );
}

function Rows({ pipelines, size }: { pipelines: readonly PipelineSummary[]; size: number }) {
  const { t } = useTranslation("pipelines");
  const body = useRef<HTMLUListElement>(null);
  const [top, setTop] = useState(0);
  // Filters above may take another line at any time: the list has to know where it begins.
  useLayoutEffect(() => setTop(body.current?.offsetTop ?? 0));
  const virtualizer = useWindowVirtualizer({
    count: pipelines.length,
    estimateSize: () => size,
    overscan: 6,
    scrollMargin: top,
    getItemKey: (index) => pipelines[index]?.name ?? index,
  });
  const items = virtualizer.getVirtualItems();
  const recent = useRecent(pipelines, items, virtualizer.isScrolling);
  return (
    <ul
      ref={body}
      aria-label={t("title")}
      className={styles.body}
      style={{ height: virtualizer.getTotalSize() }}
    >
      {items.map(({ key, index, start }) => {
        const pipeline = pipelines[index];
        if (pipeline === undefined) return null;
        const lately = recent.get(pipeline.name);
        return (
          <li
            key={key}
            className={styles.row}
            style={{ transform: `translateY(${start - top}px)` }}
            aria-setsize={pipelines.length}
            aria-posinset={index + 1}
          >
            <PipelineRow pipeline={pipeline} recent={lately} />
          </li>
        );
      })}
    </ul>
  );
}

type Recent = ReadonlyMap<string, Schemas["RecentView"]>;

/** Look up how those in sight did lately, a block at a time; while the list flies past nothing is asked. */
function useRecent(
  pipelines: readonly PipelineSummary[],
  items: readonly VirtualItem[],
  isScrolling: boolean,
): Recent {
  const blocks = [...new Set(items.map(({ index }) => Math.floor(index / BLOCK)))];
  return useQueries({
    queries: blocks.map((block) => ({
      ...recentQuery(pipelines.slice(block * BLOCK, (block + 1) * BLOCK).map(({ name }) => name)),
      enabled: !isScrolling,
    })),
    combine: together,
  });
}

function together(answers: readonly { data: Schemas["RecentList"] | undefined }[]): Recent {
  return new Map(
    answers.flatMap(({ data }) => (data?.pipelines ?? []).map((each) => [each.pipeline_name, each] as const)),
  );
}

function useIsPhone(): boolean {
  return useSyncExternalStore(
    (listener) => {
      const query = matchMedia(PHONE);
      query.addEventListener("change", listener);
      return () => query.removeEventListener("change", listener);
    },
    () => matchMedia(PHONE).matches,
  );
}
