import { Toast as Primitive } from "@base-ui/react/toast";
import { X } from "lucide-react";
import { IconButton } from "./button";
import styles from "./toast.module.css";

const manager = Primitive.createToastManager();

/** Say for some seconds that something was done, or was not. Screen readers say it too. */
export function announce(title: string, options: { description?: string; isProblem?: boolean } = {}): void {
  manager.add({
    title,
    ...(options.description !== undefined && { description: options.description }),
    type: options.isProblem ? "problem" : "done",
    priority: options.isProblem ? "high" : "low",
    timeout: options.isProblem ? 12_000 : 5_000,
  });
}

/** The place where announcements appear; once, around the app. */
export function Announcements({ closeLabel }: { closeLabel: string }) {
  return (
    <Primitive.Provider toastManager={manager} limit={4}>
      <Primitive.Portal>
        <Primitive.Viewport className={styles.viewport}>
          <List closeLabel={closeLabel} />
        </Primitive.Viewport>
      </Primitive.Portal>
    </Primitive.Provider>
  );
}

function List({ closeLabel }: { closeLabel: string }) {
  const { toasts } = Primitive.useToastManager();
  return toasts.map((toast) => (
    <Primitive.Root key={toast.id} toast={toast} className={styles.toast} data-kind={toast.type}>
      <div>
        <Primitive.Title className={styles.title} />
        <Primitive.Description className={styles.text} />
      </div>
      <Primitive.Close render={<IconButton label={closeLabel} icon={<X />} />} />
    </Primitive.Root>
  ));
}
