// What the pages of the workplace need: Bootstrap's menus, htmx, and a few small habits of ours.
import "@tabler/core/js/src/bootstrap/collapse";
import "@tabler/core/js/src/bootstrap/dropdown";
import "@tabler/core/js/src/bootstrap/offcanvas";
import htmx from "htmx.org";
import { watchBulk } from "./bulk.js";
import { watchForms } from "./guard.js";
import { watchLive } from "./live.js";
import { watchPasskeys } from "./passkey.js";

window.htmx = htmx;

document.addEventListener("htmx:configRequest", (event) => {
  const token = document.body.dataset.csrf;
  if (token && event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = token;
});

// Elements that only make sense with a script (copy, print) are hidden until here.
document.documentElement.classList.add("js");

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  const live = document.getElementById("live");
  if (live) live.textContent = button.dataset.copied || "";
});

watchForms();
watchBulk();
watchLive();
watchPasskeys();
