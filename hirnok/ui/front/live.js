// What htmx brings again and again: said aloud only when it changed, and opened tables stay open.
export function watchLive() {
  keepOpen();
  const region = document.getElementById("live");
  if (!region) return;
  document.addEventListener("htmx:afterSwap", (event) => {
    const words = event.detail.target?.querySelector?.("[data-say]")?.dataset.say;
    if (words && words !== region.dataset.said) {
      region.dataset.said = words;
      region.textContent = words;
    }
  });
}

function keepOpen() {
  let open = [];
  document.addEventListener("htmx:beforeSwap", (event) => {
    open = [...event.detail.target.querySelectorAll("details[open][id]")].map((details) => details.id);
  });
  document.addEventListener("htmx:afterSwap", () => {
    open.forEach((id) => document.getElementById(id)?.setAttribute("open", ""));
  });
}
