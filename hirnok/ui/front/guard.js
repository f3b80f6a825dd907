import { giveBack, keep, keepAll } from "./keep.js";

// Forms: focus goes to the summary of errors; unsaved changes are not lost by accident; no double submit.
export function watchForms() {
  document.querySelector("[data-error-summary]")?.focus();

  let dirty = false;
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-guard]");
    if (!form) return;
    dirty = true;
    form.dataset.touched = "yes";
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches("[data-guard]")) {
      dirty = false;
      keep(form);
    }
    if (form.method !== "post" || event.defaultPrevented || form.hasAttribute("hx-post")) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    form.setAttribute("aria-busy", "true");
  });
  // A page that saves by itself says so (HX-Trigger: saved).
  document.addEventListener("saved", () => {
    dirty = false;
  });
  // The session is over: htmx is told to leave for the page of signing in.
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    if (!event.detail.xhr.getResponseHeader("HX-Redirect")) return;
    if (dirty) keepAll();
    dirty = false;
  });
  addEventListener("beforeunload", (event) => {
    if (dirty) event.preventDefault();
  });
  // The page comes back from the browser's cache with its marks: forget them.
  addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach((form) => {
      delete form.dataset.sent;
      form.removeAttribute("aria-busy");
    });
  });
  giveBack();
}
