import { CircleCheck, OctagonX } from "lucide-react";
import styles from "./mark.module.css";

/** Well or not, by shape and colour; the words stand beside it. */
export function Mark({ isWell }: { isWell: boolean }) {
  const Shape = isWell ? CircleCheck : OctagonX;
  return <Shape className={styles.mark} data-well={isWell} aria-hidden />;
}
