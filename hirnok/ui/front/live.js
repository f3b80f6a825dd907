// Progress that htmx polls says aloud only what changed (every tenth), not each repetition of the same words.
export function watchLive() {
  const region = document.getElementById("live");
  if (!region) return;
  document.addEventListener("htmx:afterSwap", (event) => {
    const said = event.detail.target?.querySelector?.("[data-say]");
    const words = said?.dataset.say;
    if (words && words !== region.dataset.said) {
      region.dataset.said = words;
      region.textContent = words;
    }
  });
}
