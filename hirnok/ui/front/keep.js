// A form that was sent after the session had ended: what was typed stays in this tab until signing in again, and
// comes back into the same form of the same person. Passwords, files and hidden fields are not kept.
const PLACE = "hirnok-typed";
const NEVER = new Set(["hidden", "password", "file", "submit", "button", "reset", "image"]);

export function keep(form) {
  const person = document.body.dataset.person;
  if (!person) return;
  const fields = typed(form).map((field) => [field.name, field.value, Boolean(field.checked)]);
  store({ person, page: here(), number: forms().indexOf(form), fields, armed: false });
}

export function keepAll() {
  const form = forms().find((one) => one.matches("[data-touched]")) || forms()[0];
  if (form) keep(form);
}

export function giveBack() {
  const kept = read();
  if (!kept) return;
  if (document.body.dataset.signIn !== undefined) {
    store({ ...kept, armed: true });
    document.querySelectorAll("[data-kept]").forEach((node) => {
      node.hidden = false;
    });
    return;
  }
  const person = document.body.dataset.person;
  if (!person) return; // on the way: second factor, choice of the tenant
  const form = forms()[kept.number];
  if (kept.armed && kept.person === person && kept.page !== here()) return;
  sessionStorage.removeItem(PLACE);
  if (!kept.armed || kept.person !== person || !form) return;
  fill(form, kept.fields);
  document.querySelectorAll("[data-given-back]").forEach((node) => {
    node.hidden = false;
  });
}

function fill(form, fields) {
  const left = new Map();
  typed(form).forEach((field) => left.set(field.name, [...(left.get(field.name) || []), field]));
  fields.forEach(([name, value, checked]) => {
    const field = left.get(name)?.shift();
    if (!field) return;
    if (field.type === "checkbox" || field.type === "radio") field.checked = checked;
    else field.value = value;
  });
  // Not before htmx listens: an editor then saves by itself.
  const say = () => form.dispatchEvent(new Event("input", { bubbles: true }));
  if (document.readyState === "complete") say();
  else addEventListener("load", say, { once: true });
}

function typed(form) {
  return [...form.elements].filter((field) => field.name && !NEVER.has(field.type));
}

function forms() {
  return [...document.querySelectorAll("form[data-guard]")];
}

function here() {
  return location.pathname + location.search;
}

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(PLACE));
  } catch {
    return null;
  }
}

function store(kept) {
  try {
    sessionStorage.setItem(PLACE, JSON.stringify(kept));
  } catch {
    // Without storage (or without room in it) nothing is kept.
  }
}
