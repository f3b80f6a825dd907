// Bulk actions of lists: "all" on this page, the count, and the bar only when something is chosen.
export function watchBulk() {
  document.querySelectorAll("form[data-bulk]").forEach((form) => {
    refresh(form);
    form.addEventListener("change", (event) => {
      if (event.target.matches("[data-bulk-all]")) {
        boxes(form).forEach((box) => {
          box.checked = event.target.checked;
        });
      }
      refresh(form);
    });
  });
}

function boxes(form) {
  return [...form.querySelectorAll("input[data-bulk-one]")];
}

function refresh(form) {
  const all = boxes(form);
  const chosen = all.filter((box) => box.checked).length;
  const bar = form.querySelector("[data-bulk-bar]");
  const head = form.querySelector("[data-bulk-all]");
  if (bar) bar.hidden = chosen === 0;
  form.querySelectorAll("[data-bulk-count]").forEach((node) => {
    node.textContent = new Intl.NumberFormat(document.documentElement.lang).format(chosen);
  });
  if (head) {
    head.checked = chosen > 0 && chosen === all.length;
    head.indeterminate = chosen > 0 && chosen < all.length;
  }
}
