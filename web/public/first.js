// Runs before everything else. A file of its own, because the content security policy lets no inline script run.

// Before anything is painted, so that a page that is set to dark never flashes white.
try {
  const { theme } = JSON.parse(localStorage.getItem("fastflow.preferences") ?? "{}");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // No storage, or something else in it: the system's setting holds.
}

// Without one of its scripts, or its look, a page is nothing. A browser drops what it has asked for whenever a
// network interface changes, as when Docker starts a container on the same machine: then the page is loaded again.
addEventListener(
  "error",
  ({ target }) => {
    const isNeeded =
      target instanceof HTMLScriptElement ||
      (target instanceof HTMLLinkElement && target.rel === "stylesheet");
    if (isNeeded) loadAgain();
  },
  true,
);

function loadAgain() {
  const MOST = 5;
  const WITHIN_MS = 60_000;
  try {
    const times = JSON.parse(sessionStorage.getItem("fastflow.loads") ?? "[]").filter(
      (at) => Date.now() - at < WITHIN_MS,
    );
    if (times.length >= MOST) return; // it is not the network
    sessionStorage.setItem("fastflow.loads", JSON.stringify([...times, Date.now()]));
    setTimeout(() => location.reload(), 250 * 2 ** times.length);
  } catch {
    // Without storage nobody counts, and it might never end.
  }
}
