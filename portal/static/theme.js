// Sets the theme before the first paint: the reader's choice (cookie, put into the page by the server), else the system's.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = (theme) => {
    root.dataset.bsTheme = theme;
    dispatchEvent(new Event("themechange"));
  };
  const chosen = () => ["light", "dark"].includes(root.dataset.themeChoice);
  apply(chosen() ? root.dataset.themeChoice : dark.matches ? "dark" : "light");
  dark.addEventListener("change", () => chosen() || apply(dark.matches ? "dark" : "light"));
  // The switch is a form that works by itself; here it changes the colours at once and tells the server in the background.
  addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-theme-form]") || !event.submitter) return;
    event.preventDefault();
    const theme = event.submitter.value;
    root.dataset.themeChoice = theme;
    apply(theme);
    const body = new URLSearchParams(new FormData(form));
    body.set("theme", theme);
    fetch(form.action, { method: "POST", body, redirect: "manual", credentials: "same-origin" });
    form.querySelector(theme === "dark" ? ".theme-to-light" : ".theme-to-dark")?.focus();
  });
})();
