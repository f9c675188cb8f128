/** Let the browser keep a content as a file. */
export function saveAs(content: Blob, name: string): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // The browser has taken it over only after this task.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
