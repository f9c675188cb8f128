import { memo } from "react";
import { classes } from "@/ui/class_names";
import { parseAnsi } from "./ansi";
import type { Look } from "./ansi_look";
import styles from "./line_text.module.css";
import { marked } from "./marked";

/** The text of a line with its colours, and with all hits of `search` marked. */
export const LineText = memo(function LineText({ text, search }: { text: string; search: string }) {
  return marked(parseAnsi(text), search).map((part, index) => {
    const name = classOf(part.look);
    if (!part.isHit && name === "") return part.text;
    const Tag = part.isHit ? "mark" : "span";
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no identity
      <Tag key={index} className={name || undefined}>
        {part.text}
      </Tag>
    );
  });
});

function classOf(look: Look): string {
  const ground = look.ground ?? (look.isInverse ? (look.color ?? "plain") : undefined);
  return classes(
    ground ? styles[`on-${ground}`] : look.color && styles[look.color],
    look.isBold && styles.bold,
    look.isDim && styles.dim,
    look.isItalic && styles.italic,
    look.isUnderlined && styles.underlined,
    look.isStruck && styles.struck,
  );
}
