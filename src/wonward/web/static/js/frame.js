/** What works on every page: keys, menus, the search box, the sheet, and saying when a request failed. */
import { parsed, toast } from "./toast.js";

const search = document.getElementById("search");
const found = document.getElementById("found");
const side = document.getElementById("side");
const toggle = document.querySelector(".side-toggle");
const sheet = document.getElementById("sheet");

const typing = (target) => target.closest("input, textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !typing(event.target)) {
    event.preventDefault();
    search.focus();
    search.select();
  }
  if (event.key === "Escape") escape(event);
  if ((event.ctrlKey || event.metaKey) && (event.key === "s" || event.key === "Enter")) save(event);
});

/** Esc leaves, the nearest first: an open menu, a form, the menu at the side. */
function escape(event) {
  const menu = event.target.closest("details.menu[open]");
  const cancel = event.target.closest("[data-saves]")?.querySelector("[data-cancels]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  } else if (cancel) {
    cancel.click();
  } else {
    showSide(false);
  }
}

/** Ctrl+S and Ctrl+Enter save the form one is in. */
function save(event) {
  const form = event.target.closest("[data-saves]");
  if (!form) return;
  event.preventDefault();
  form.requestSubmit();
}

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  if (side.classList.contains("open") && !side.contains(event.target) && !toggle.contains(event.target)) {
    showSide(false);
  }
});

toggle.addEventListener("click", () => showSide(!side.classList.contains("open")));

function showSide(open) {
  side.classList.toggle("open", open);
  toggle.setAttribute("aria-expanded", String(open));
}

// Opening a menu puts the cursor into its text box, if it has one.
document.addEventListener(
  "toggle",
  (event) => {
    if (event.target.matches?.("details.menu") && event.target.open) event.target.querySelector("input[type=search]")?.focus();
  },
  true,
);

// Arrows walk from a search box through what was found under it.
document.addEventListener("keydown", (event) => {
  const area = event.target.closest("search, .add");
  if (!area || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
  const stops = [...area.querySelectorAll("input[type=search], .found a, .candidate, .menu-list > a")];
  const next = stops[stops.indexOf(event.target) + (event.key === "ArrowDown" ? 1 : -1)];
  if (!next) return;
  event.preventDefault();
  next.focus();
});

search.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    found.replaceChildren();
    search.blur();
  }
});

document.body.addEventListener("htmx:afterSwap", (event) => {
  if (sheet.contains(event.detail.target) && !sheet.open) sheet.showModal();
});

sheet.addEventListener("click", (event) => {
  const closes = event.target.closest("[data-closes]");
  if (closes) event.preventDefault();
  if (closes || event.target === sheet) sheet.close();
});

document.body.addEventListener("htmx:responseError", (event) => {
  const { status, responseText } = event.detail.xhr;
  if (status === 400) toast(parsed(responseText), true);
  else if (status !== 401) toast(status === 404 ? "It isn't there any more. Load the page again." : "The server could not do that. Try again in a moment.", true);
});

document.body.addEventListener("htmx:sendError", () => toast("The server can't be reached. Is the network there?", true));
