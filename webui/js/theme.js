// Runs before the page is painted, so that a dark page does not flash white.
(() => {
  try {
    const theme = localStorage.getItem("aurora.theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch {
    // Storage may be forbidden; the system's colours do.
  }
})();
