import type { Schemas } from "@/api/client";
import { Moment } from "@/components/time";
import styles from "./sync.module.css";

const SHORT = 8;

/** Shorten a commit's id as Git does. */
export function shortCommit(id: string): string {
  return id.slice(0, SHORT);
}

/** A commit: what it says, by whom and when. */
export function Commit({ commit }: { commit: Schemas["CommitView"] }) {
  return (
    <>
      <code title={commit.id}>{shortCommit(commit.id)}</code> {commit.subject}{" "}
      <span className={styles.aside}>
        {commit.author}
        {commit.committed_at && (
          <>
            {" · "}
            <Moment at={commit.committed_at} />
          </>
        )}
      </span>
    </>
  );
}
