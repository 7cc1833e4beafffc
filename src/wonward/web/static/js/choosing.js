/**
 * Choosing properties without asking the server: a tick moves one into the chosen or out of them, arrows and dragging
 * order them, a search box narrows the rest. Without this the same buttons are sent with the form.
 */
const MARKED = new WeakSet();

document.addEventListener("change", (event) => {
  const form = event.target.closest("[data-chooser]");
  if (!form || event.target.name !== "chosen") return;
  const item = event.target.closest("li");
  const list = form.querySelector(event.target.checked ? "[data-chosen]" : "[data-rest]");
  if (event.target.checked) list.append(item);
  else list.prepend(item);
  event.target.focus();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-chooser] [name=do]");
  const [way, name] = button?.value.split(":") ?? [];
  if (!name) return;
  event.preventDefault();
  const item = button.closest("li");
  if (way === "up") item.previousElementSibling?.before(item);
  else item.nextElementSibling?.after(item);
  button.focus();
});

document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-narrows]")) return;
  const words = event.target.value.trim().toLocaleLowerCase();
  for (const item of event.target.closest("[data-chooser]").querySelectorAll("[data-rest] li")) {
    item.hidden = !item.textContent.toLocaleLowerCase().includes(words);
  }
});

// Enter in the search box narrows; it doesn't send the form.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("[data-narrows]") && !event.ctrlKey && !event.metaKey) event.preventDefault();
});

async function prepare(form) {
  if (MARKED.has(form)) return;
  MARKED.add(form);
  form.querySelector("[data-narrows]").hidden = false;
  await import(form.dataset.sortable);
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  new Sortable(form.querySelector("[data-chosen]"), { animation: still ? 0 : 120, filter: "button", preventOnFilter: false, delay: 180, delayOnTouchOnly: true, ghostClass: "ghost" });
}

function prepareAll() {
  for (const form of document.querySelectorAll("[data-chooser]")) prepare(form);
}

document.body.addEventListener("htmx:afterSwap", prepareAll);
prepareAll();
