import { Search } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/ui/button";
import { ChipToggle } from "@/ui/chip";
import { classes } from "@/ui/class_names";
import { type counted, ONLY, type PipelineFilter, toggled } from "./filter";
import styles from "./pipelines.module.css";

const FIRST_TAGS = 12;

interface FilterBarProps {
  filter: PipelineFilter;
  counts: ReturnType<typeof counted>;
  shown: number;
  all: number;
  onChange: (filter: PipelineFilter) => void;
}

/** Search, kinds and tags; what is chosen stands in the URL. */
export function FilterBar({ filter, counts, shown, all, onChange }: FilterBarProps) {
  const { t } = useTranslation("pipelines");
  const set = (part: Partial<Record<keyof PipelineFilter, unknown>>) => {
    const now = Object.entries({ ...filter, ...part }).filter(
      ([, value]) => value !== undefined && value !== "",
    );
    onChange(Object.fromEntries(now) as PipelineFilter);
  };
  return (
    <div className={styles.bar}>
      <div className={styles.searchLine}>
        <SearchField text={filter.text ?? ""} onChange={(text) => set({ text })} />
        <output className={styles.count}>{t("count", { shown, all })}</output>
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: no set of fields */}
      <div role="group" aria-label={t("filters")} className={styles.chips}>
        {ONLY.map((kind) => (
          <ChipToggle
            key={kind}
            isOn={filter.only?.includes(kind) ?? false}
            count={counts.only[kind]}
            onToggle={() => set({ only: toggled(filter.only, kind) })}
          >
            {t(`only.${kind}`)}
          </ChipToggle>
        ))}
      </div>
      {counts.tags.length > 0 && (
        <Tags
          tags={counts.tags}
          chosen={filter.tag ?? []}
          onToggle={(tag) => set({ tag: toggled(filter.tag, tag) })}
        />
      )}
    </div>
  );
}

/** Types at once; the list follows when it comes to it. */
function SearchField({ text, onChange }: { text: string; onChange: (text: string) => void }) {
  const { t } = useTranslation("pipelines");
  const [typed, setTyped] = useState(text);
  useEffect(() => setTyped(text), [text]);
  return (
    <label className={styles.search}>
      <Search aria-hidden />
      <span className="visually-hidden">{t("search")}</span>
      <input
        type="search"
        value={typed}
        placeholder={t("search")}
        spellCheck={false}
        onChange={(event) => {
          setTyped(event.target.value);
          onChange(event.target.value);
        }}
      />
    </label>
  );
}

interface TagsProps {
  tags: readonly (readonly [string, number])[];
  chosen: readonly string[];
  onToggle: (tag: string) => void;
}

function Tags({ tags, chosen, onToggle }: TagsProps) {
  const { t } = useTranslation("pipelines");
  const [isOpen, setOpen] = useState(false);
  const listed = isOpen ? tags : tags.filter(([tag], index) => index < FIRST_TAGS || chosen.includes(tag));
  return (
    // biome-ignore lint/a11y/useSemanticElements: no set of fields
    <div role="group" aria-label={t("tags")} className={classes(styles.chips, styles.tags)}>
      {listed.map(([tag, count]) => (
        <ChipToggle key={tag} isOn={chosen.includes(tag)} count={count} onToggle={() => onToggle(tag)}>
          {tag}
        </ChipToggle>
      ))}
      {tags.length > FIRST_TAGS && (
        <Button kind="quiet" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? t("fewerTags") : t("moreTags", { count: tags.length - listed.length })}
        </Button>
      )}
    </div>
  );
}
