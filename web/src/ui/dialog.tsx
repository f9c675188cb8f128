import { Dialog as Primitive } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import { type ReactNode, type RefObject, useRef } from "react";
import { Button } from "./button";
import styles from "./dialog.module.css";

export interface DialogProps {
  isOpen: boolean;
  onClose: () => void;
  title: string;
  closeLabel: string;
  children: ReactNode;
  /** Buttons at the foot, the one that is meant last. */
  actions?: ReactNode;
  isWide?: boolean;
  /** What has the focus when it opens; else the first input. */
  initialFocus?: RefObject<HTMLElement | null>;
}

const CONTROLS = "input, select, textarea";

/** A dialog over the page: it holds the focus, Escape closes it, and the focus goes back where it was. */
export function Dialog({
  isOpen,
  onClose,
  title,
  closeLabel,
  children,
  actions,
  isWide,
  initialFocus,
}: DialogProps) {
  const popup = useRef<HTMLDivElement>(null);
  // Where there is something to fill in, one can type at once; by touch the keyboard would hide the dialog.
  const firstControl = (by: string) =>
    (by !== "touch" && popup.current?.querySelector<HTMLElement>(CONTROLS)) || true;
  return (
    <Primitive.Root open={isOpen} onOpenChange={(open) => !open && onClose()}>
      <Primitive.Portal>
        <Primitive.Backdrop className={styles.veil} />
        <Primitive.Viewport className={styles.viewport}>
          <Primitive.Popup
            ref={popup}
            className={styles.popup}
            data-wide={isWide || undefined}
            initialFocus={initialFocus ?? firstControl}
          >
            <header className={styles.head}>
              <Primitive.Title className={styles.title}>{title}</Primitive.Title>
              {/* Without a hint: Escape would close that first. */}
              <Primitive.Close render={<Button kind="quiet" aria-label={closeLabel} icon={<X />} />} />
            </header>
            <div className={styles.body}>{children}</div>
            {actions && <footer className={styles.foot}>{actions}</footer>}
          </Primitive.Popup>
        </Primitive.Viewport>
      </Primitive.Portal>
    </Primitive.Root>
  );
}
