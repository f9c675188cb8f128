import { Square, SquareCheck } from "lucide-react";
import { useTranslation } from "react-i18next";
import Markdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";
import styles from "./readme.module.css";

/** Of the repository's own files there is no address to lead to. */
const isElsewhere = (address: string | undefined): address is string => /^https?:\/\//i.test(address ?? "");

const COMPONENTS: Components = {
  // The page has its own first headings.
  h1: ({ children }) => <h3 className={styles.first}>{children}</h3>,
  h2: ({ children }) => <h4 className={styles.second}>{children}</h4>,
  h3: ({ children }) => <h5 className={styles.third}>{children}</h5>,
  h4: ({ children }) => <h6 className={styles.third}>{children}</h6>,
  a: ({ href, children }) =>
    isElsewhere(href) ? (
      <a href={href} target="_blank" rel="noopener noreferrer">
        {children}
      </a>
    ) : (
      <span>{children}</span>
    ),
  // Nothing is loaded from elsewhere: whoever wrote the text would learn who reads it.
  img: ({ src, alt }) =>
    isElsewhere(typeof src === "string" ? src : undefined) ? (
      <a href={src as string} target="_blank" rel="noopener noreferrer">
        {alt || String(src)}
      </a>
    ) : (
      <span>{alt}</span>
    ),
  input: ({ checked }) => <Task isDone={checked === true} />,
  table: ({ children }) => (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <div className={styles.scrolls} tabIndex={0}>
      <table>{children}</table>
    </div>
  ),
  pre: ({ children }) => (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <pre tabIndex={0}>{children}</pre>
  ),
};

function Task({ isDone }: { isDone: boolean }) {
  const { t } = useTranslation("pipeline");
  const Box = isDone ? SquareCheck : Square;
  return (
    <>
      <Box aria-hidden className={styles.task} />
      <span className="visually-hidden">{t(isDone ? "taskDone" : "taskOpen")}</span>
    </>
  );
}

/** A text of strangers as Markdown: no HTML of theirs, no scripts, nothing loaded from elsewhere. */
export function Readme({ text }: { text: string }) {
  return (
    <div className={styles.readme}>
      <Markdown remarkPlugins={[remarkGfm]} components={COMPONENTS} skipHtml>
        {text}
      </Markdown>
    </div>
  );
}
