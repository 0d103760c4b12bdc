// Before the first paint: the theme that the reader chose, if any. Small and blocking on purpose,
// so that nobody who reads in the dark gets a flash of white. portal.js writes the choice.
try {
  const theme = localStorage.getItem("theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // storage is shut: the system's scheme it is
}
