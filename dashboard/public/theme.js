// Runs before the first paint, so that a chosen theme never flashes the other one. src/theme/theme.ts writes the choice.
try {
  const chosen = localStorage.getItem("cove.theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
} catch {
  // without storage the system's theme holds
}
