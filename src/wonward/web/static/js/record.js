/** On a record and its forms: the tab of the activity being entered, and a warning before typed text is lost. */

const typed = new WeakSet();
let leaving = false;

document.addEventListener("input", (event) => {
  const form = event.target.closest("[data-saves]");
  if (form) typed.add(form);
});

document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-guards]")) leaving = true;
});

document.addEventListener("click", (event) => {
  const cancel = event.target.closest("[data-cancels]");
  if (cancel) typed.delete(cancel.closest("[data-saves]"));
});

addEventListener("beforeunload", (event) => {
  if (!leaving && [...document.querySelectorAll("[data-saves]")].some((form) => typed.has(form))) event.preventDefault();
});

// Another tab takes the place of the form: what was typed there, or refused, isn't lost without asking.
document.body.addEventListener("htmx:beforeRequest", (event) => {
  const form = event.detail.target;
  if (form?.id !== "composer" || event.detail.elt === form) return;
  const begun = typed.has(form) || form.querySelector(".problem");
  if (begun && !confirm("Discard what you have written?")) event.preventDefault();
});

/** Marks the tab of the activity whose form is open. */
function markTab() {
  const open = document.getElementById("composer")?.getAttribute("action");
  for (const tab of document.querySelectorAll(".composers a")) {
    tab.classList.toggle("current", tab.getAttribute("href") === open);
    tab.toggleAttribute("aria-current", tab.getAttribute("href") === open);
  }
}

document.body.addEventListener("htmx:afterSettle", markTab);
document.addEventListener("refreshed", markTab);
markTab();
