import { Problem } from "@/api/problem";
import { CODES_IN_GERMAN } from "@/i18n/codes";
import { currentPreferences, usePreferences } from "@/preferences";
import { Failure } from "@/ui/notice";
import { announce } from "@/ui/toast";
import { Sentence } from "./sentence";

/** Return what a code of the server means in the language of the pages; null: the server's own words say it. */
export function meaningOf(code: string | null | undefined, language: string): string | null {
  return language === "de" && code ? (CODES_IN_GERMAN[code] ?? null) : null;
}

/** A sentence of the server, which speaks English, and before it what that means in the language of the pages. */
export function Said({ code, text }: { code?: string | null | undefined; text: string }) {
  const { language } = usePreferences();
  const meaning = meaningOf(code, language);
  return (
    <>
      {meaning && <>{meaning} </>}
      <Sentence text={text} />
    </>
  );
}

/** What went wrong, in words. */
export function ErrorText({ error }: { error: Error }) {
  return <Said code={error instanceof Problem ? error.code : null} text={error.message} />;
}

/** What went wrong, where it can't be overlooked. */
export function ErrorNotice({ error }: { error: Error }) {
  const { language } = usePreferences();
  const meaning = error instanceof Problem ? meaningOf(error.code, language) : null;
  const text = <Sentence text={error.message} />;
  return <Failure title={meaning ?? text} detail={meaning && text} />;
}

/** Say for some seconds what went wrong. */
export function announceProblem(error: Error): void {
  const { language } = currentPreferences();
  const meaning = error instanceof Problem ? meaningOf(error.code, language) : null;
  announce(meaning ?? error.message, {
    ...(meaning !== null && { description: error.message }),
    isProblem: true,
  });
}
