import { ask, client } from "@/api/client";

/** Save the whole log as a file, byte for byte as it was written, by a link that works once. */
export async function download(runId: string): Promise<void> {
  const { url } = await ask(
    client.POST("/api/runs/{run_id}/logs/download-ticket", { params: { path: { run_id: runId } } }),
  );
  const link = document.createElement("a");
  link.href = url;
  link.download = `${runId}.log`;
  link.click();
}
