import { Autocomplete } from "@base-ui/react/autocomplete";
import { Dialog } from "@base-ui/react/dialog";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import dialog from "@/ui/dialog.module.css";
import styles from "./palette.module.css";
import { type Command, useCommandGroups } from "./palette_commands";

interface Group {
  label: string;
  items: Command[];
}

/** Goes anywhere and does the frequent: type a part of it, Enter. */
export default function Palette({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("shell");
  const [text, setText] = useState("");
  const groups = useCommandGroups(text);
  const highlighted = useRef<Command | undefined>(undefined);
  const run = (command: Command) => {
    onClose();
    command.run();
  };
  /** Pipelines may arrive while somebody types: then what was highlighted is not what stands there now. */
  const runHighlighted = () => {
    const commands = groups.flatMap(({ items }) => items);
    const command = commands.find(({ id }) => id === highlighted.current?.id) ?? commands[0];
    if (command) run(command);
  };
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className={dialog.veil} />
        <Dialog.Viewport className={dialog.viewport}>
          <Dialog.Popup className={styles.popup} aria-label={t("palette")}>
            <Autocomplete.Root
              open
              inline
              items={groups}
              mode="none"
              value={text}
              onValueChange={setText}
              itemToStringValue={(command: Command) => command.label}
              autoHighlight="always"
              onItemHighlighted={(command: Command | undefined) => {
                highlighted.current = command;
              }}
            >
              <Autocomplete.Input
                className={styles.input}
                aria-label={t("palette")}
                placeholder={t("paletteHint")}
                onKeyDown={(event) => {
                  if (event.key !== "Enter" || event.nativeEvent.isComposing) return;
                  event.preventBaseUIHandler();
                  event.preventDefault();
                  runHighlighted();
                }}
              />
              <Autocomplete.Empty className={styles.empty}>{t("paletteEmpty")}</Autocomplete.Empty>
              <Autocomplete.List className={styles.list}>
                {(group: Group) => (
                  <Autocomplete.Group key={group.label} items={group.items}>
                    <Autocomplete.GroupLabel className={styles.group}>{group.label}</Autocomplete.GroupLabel>
                    <Autocomplete.Collection>
                      {(command: Command) => (
                        <Autocomplete.Item
                          key={command.id}
                          value={command}
                          className={styles.item}
                          onClick={() => run(command)}
                        >
                          {command.label}
                        </Autocomplete.Item>
                      )}
                    </Autocomplete.Collection>
                  </Autocomplete.Group>
                )}
              </Autocomplete.List>
            </Autocomplete.Root>
          </Dialog.Popup>
        </Dialog.Viewport>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
