// Sets light or dark before the first paint; loaded in <head>, so it stays this small.
const KEY = "hirnok-theme";
const dark = matchMedia("(prefers-color-scheme: dark)");

function choice() {
  try {
    return localStorage.getItem(KEY) || "system";
  } catch {
    return "system";
  }
}

function apply() {
  const chosen = choice();
  const theme = chosen === "system" ? (dark.matches ? "dark" : "light") : chosen;
  document.documentElement.dataset.bsTheme = theme;
  document.documentElement.dataset.themeChoice = chosen;
  document.dispatchEvent(new CustomEvent("hirnok:theme"));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-set-theme]");
  if (!button) return;
  try {
    localStorage.setItem(KEY, button.dataset.setTheme);
  } catch {
    // Without storage the choice lasts as long as the page.
    document.documentElement.dataset.bsTheme = button.dataset.setTheme;
    return;
  }
  apply();
});

dark.addEventListener("change", apply);
apply();
