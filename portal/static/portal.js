// Small comforts. Every page works without this file.
(() => {
  const side = document.getElementById("navigation");
  const opener = document.querySelector("[data-menu]");
  const toggle = (open) => {
    side.classList.toggle("is-open", open);
    opener.setAttribute("aria-expanded", String(open));
    if (open) side.querySelector("a")?.focus();
    else opener.focus();
  };
  if (side && opener) {
    opener.setAttribute("role", "button");
    opener.setAttribute("aria-expanded", "false");
    opener.setAttribute("aria-controls", "navigation");
    opener.addEventListener("click", (event) => { event.preventDefault(); toggle(!side.classList.contains("is-open")); });
    opener.addEventListener("keydown", (event) => { if (event.key === " ") { event.preventDefault(); opener.click(); } });
    side.querySelector("[data-menu-close]").addEventListener("click", (event) => { event.preventDefault(); toggle(false); });
    document.addEventListener("click", (event) => {
      if (side.classList.contains("is-open") && !side.contains(event.target) && !opener.contains(event.target)) toggle(false);
    });
  }

  const closePopups = (except) => {
    for (const popup of document.querySelectorAll("[data-menu-popup][open]")) if (popup !== except) popup.open = false;
  };
  document.addEventListener("click", (event) => closePopups(event.target.closest("[data-menu-popup]")));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const popup = document.querySelector("[data-menu-popup][open]");
    if (popup) { popup.open = false; popup.querySelector("summary").focus(); }
    else if (side?.classList.contains("is-open")) toggle(false);
  });

  // A form is sent once; one that asks first shows its question in a dialog.
  const ask = (form, submitter) => {
    const dialog = document.createElement("dialog");
    dialog.className = "confirm";
    const question = document.createElement("p");
    question.textContent = form.dataset.confirm;
    const buttons = document.createElement("form");
    buttons.method = "dialog";
    buttons.className = "form-actions";
    const yes = document.createElement("button");
    yes.className = "btn btn-primary";
    yes.value = "yes";
    yes.textContent = submitter?.textContent.trim() || "OK";
    const no = document.createElement("button");
    no.className = "btn";
    no.value = "no";
    no.textContent = document.documentElement.lang.startsWith("zh") ? "取消" : "Cancel";
    buttons.append(yes, no);
    dialog.append(question, buttons);
    dialog.setAttribute("aria-label", form.dataset.confirm);
    document.body.append(dialog);
    dialog.addEventListener("close", () => {
      const agreed = dialog.returnValue === "yes";
      dialog.remove();
      if (agreed) { form.dataset.agreed = "yes"; form.requestSubmit(submitter); }
    });
    dialog.showModal();
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.dataset.confirm && form.dataset.agreed !== "yes") {
      event.preventDefault();
      ask(form, event.submitter);
      return;
    }
    if (form.dataset.sent === "yes") { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    event.submitter?.setAttribute("aria-busy", "true");
  });
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) {
      delete form.dataset.sent;
      delete form.dataset.agreed;
      for (const busy of form.querySelectorAll("[aria-busy]")) busy.removeAttribute("aria-busy");
    }
  });

  // A partial update that fails becomes a full page, where the error is explained.
  document.addEventListener("htmx:responseError", (event) => {
    const request = event.detail.requestConfig;
    if (request.verb === "get" && request.triggeringEvent) location.assign(event.detail.pathInfo.finalRequestPath);
  });

  // Long lists of choices become searchable; the script is fetched only where there is one.
  const enrich = (root) => {
    const selects = root.querySelectorAll("select[data-search-select]:not(.tomselected)");
    if (!selects.length) return;
    const start = () => selects.forEach((select) => {
      new TomSelect(select, { maxOptions: 200 });
      select.setAttribute("aria-hidden", "true"); // its label names the search field from now on
    });
    if (window.TomSelect) { start(); return; }
    const sheet = Object.assign(document.createElement("link"), { rel: "stylesheet", href: "/static/vendor/tom-select.bootstrap5.min.css" });
    const script = Object.assign(document.createElement("script"), { src: "/static/vendor/tom-select.complete.min.js", onload: start });
    document.head.append(sheet, script);
  };
  enrich(document);
  document.addEventListener("htmx:afterSwap", (event) => enrich(event.target));
})();
