import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Ellipsis } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ask, client } from "@/api/client";
import { ConfirmDialog } from "@/components/confirm_dialog";
import { useRefusal } from "@/components/permissions";
import { IconButton } from "@/ui/button";
import { Menu, MenuItem, MenuLine } from "@/ui/menu";
import { announce } from "@/ui/toast";
import { AccessDialog } from "./access_dialog";
import { PushDialog } from "./push_dialog";
import { pathOf, type Repository, refreshRepositories } from "./queries";
import { RepositoryForm } from "./repository_form";

type Open = "edit" | "access" | "push" | "delete" | null;

/** What can be done with a repository besides syncing it. */
export function RepositoryMenu({ repository }: { repository: Repository }) {
  const { t } = useTranslation(["sync", "general"]);
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  const { name } = repository;
  const fixed = repository.origin === "settings" ? t("bySettings") : null;
  const edit = useRefusal("change_repository") ?? fixed;
  const remove = useRefusal("delete_repository") ?? fixed;
  return (
    <>
      <Menu trigger={<IconButton label={t("more", { name })} icon={<Ellipsis />} />}>
        <MenuItem onSelect={() => void navigate({ to: "/sync", search: { tab: "log", repository: name } })}>
          {t("logOf")}
        </MenuItem>
        <MenuItem refused={useRefusal("check_repository")} onSelect={() => setOpen("access")}>
          {t("access")}
        </MenuItem>
        <MenuItem onSelect={() => setOpen("push")}>{t("push")}</MenuItem>
        <MenuLine />
        <MenuItem refused={edit} onSelect={() => setOpen("edit")}>
          {t("general:edit")}
        </MenuItem>
        <MenuItem refused={remove} onSelect={() => setOpen("delete")}>
          {t("general:delete")}
        </MenuItem>
      </Menu>
      <RepositoryForm
        repository={repository}
        isOpen={open === "edit"}
        onClose={close}
        onDone={() => announce(t("changed", { name }))}
      />
      <AccessDialog name={open === "access" ? name : null} onClose={close} />
      <PushDialog repository={repository} isOpen={open === "push"} onClose={close} />
      <ConfirmDialog
        isOpen={open === "delete"}
        onClose={close}
        title={t("deleteTitle", { name })}
        verb={t("general:delete")}
        act={() => ask(client.DELETE("/api/repositories/{name}", { params: pathOf(name) }))}
        onDone={() => {
          announce(t("deleted", { name }));
          refreshRepositories(queryClient);
        }}
      >
        {t("deleteHint")}
      </ConfirmDialog>
    </>
  );
}
