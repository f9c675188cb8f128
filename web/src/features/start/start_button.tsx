import { Play } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button, type ButtonProps } from "@/ui/button";
import { StartDialog } from "./start_dialog";
import { type Startable, useStartRefusal } from "./startable";

interface StartButtonProps extends Pick<ButtonProps, "kind"> {
  pipeline: Startable & { name: string };
  /** Opens the form, where it is not the button itself that keeps whether it is open. */
  onPress?: () => void;
}

/** Opens the form that starts a run; says why where none can be started. */
export function StartButton({ pipeline, kind = "plain", onPress }: StartButtonProps) {
  const { t } = useTranslation("start");
  const [isOpen, setOpen] = useState(false);
  const refused = useStartRefusal(pipeline);
  return (
    <>
      <Button
        kind={kind}
        icon={<Play aria-hidden />}
        aria-label={t("startNamed", { name: pipeline.name })}
        refused={refused}
        onClick={onPress ?? (() => setOpen(true))}
      >
        {t("start")}
      </Button>
      {isOpen && <StartDialog pipelineName={pipeline.name} onClose={() => setOpen(false)} />}
    </>
  );
}
