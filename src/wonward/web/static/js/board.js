/**
 * Moving cards: by dragging, or with the button on a card that asks where to. The server has the last word:
 * what it refuses goes back to where it was, with the reason.
 */
import { parsed, toast } from "./toast.js";

const board = document.getElementById("board");
const dialog = document.getElementById("move");
const sheet = document.getElementById("sheet");

if (board) {
  for (const list of board.querySelectorAll(".cards")) sortable(list);
  board.addEventListener("click", ask);
  board.addEventListener("htmx:configRequest", (event) => {
    event.detail.parameters.shown = event.detail.elt.closest(".cards").querySelectorAll(".card").length;
  });
  board.addEventListener("htmx:beforeSwap", dropDoubles);
}

function sortable(list) {
  new Sortable(list, {
    group: "cards",
    sort: false,
    draggable: ".card[data-move]",
    filter: "button",
    preventOnFilter: false,
    animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 120,
    delay: 180,
    delayOnTouchOnly: true,
    ghostClass: "ghost",
    dragClass: "drag",
    scrollSensitivity: 80,
    onStart: () => board.classList.add("dragging"),
    onChange: ({ to }) => mark(to),
    onEnd: ({ item, from, to, oldDraggableIndex }) => {
      board.classList.remove("dragging");
      mark(null);
      if (from !== to) move(item, from, to, from.querySelectorAll(".card")[oldDraggableIndex] ?? from.querySelector(".more"));
    },
  });
}

function mark(target) {
  for (const list of board.querySelectorAll(".cards")) list.classList.toggle("target", list === target);
}

/** Asks which stage the card goes to; Esc and Cancel leave it. */
function ask(event) {
  const button = event.target.closest(".card-move");
  if (!button) return;
  const card = button.closest(".card");
  const from = card.closest(".cards");
  document.getElementById("move-name").textContent = card.querySelector(".card-name").textContent;
  for (const choice of dialog.querySelectorAll("button[value]")) choice.disabled = choice.value === from.dataset.stage;
  dialog.returnValue = "";
  dialog.addEventListener(
    "close",
    () => {
      const to = [...board.querySelectorAll(".cards")].find((list) => list.dataset.stage === dialog.returnValue);
      if (!to) return button.focus();
      const next = card.nextElementSibling;
      to.prepend(card);
      move(card, from, to, next).then((moved) => moved?.querySelector(".card-move").focus());
    },
    { once: true },
  );
  dialog.showModal();
}

/**
 * Tells the server, and shows what it answers; `before` is what the card stood in front of, `form` what was
 * typed where the stage asked for something, `button` the one it was sent with.
 */
async function move(card, from, to, before, form, button) {
  card.setAttribute("aria-busy", "true");
  const body = new FormData(form, button);
  body.set("pipeline", board.dataset.pipeline);
  body.set("stage", to.dataset.stage);
  body.set("where", board.dataset.where);
  body.set("columns", board.dataset.columns);
  const headers = { "HX-Request": "true", "HX-Current-URL": location.href, ...JSON.parse(document.body.getAttribute("hx-headers")) };
  try {
    const response = await fetch(card.dataset.move, { method: "POST", body, headers });
    if (response.headers.has("HX-Redirect")) return location.assign(response.headers.get("HX-Redirect"));
    if (response.ok) return settle(card, to, parsed(await response.text()));
    const known = [400, 403, 422].includes(response.status);
    const answer = known ? parsed(await response.text()) : "The server could not move it. Load the page again.";
    if (known && answer.querySelector("form.gate")) askAtGate(answer, card, from, to, before);
    else toast(answer, true);
  } catch {
    toast("The server can't be reached; nothing was moved.", true);
  }
  card.removeAttribute("aria-busy");
  if (form) form.inert = false;
  from.insertBefore(card, before?.parentNode === from ? before : null);
}

/** Shows what the stage asks for; the card waits where it came from, and goes when the form is sent. */
function askAtGate(answer, card, from, to, before) {
  document.getElementById("sheet-body").replaceChildren(answer);
  const form = sheet.querySelector("form.gate");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    form.inert = true;
    move(card, from, to, before, form, event.submitter);
  });
  if (!sheet.open) sheet.showModal();
  form.querySelector("[autofocus], input:not([type=hidden]), select, textarea")?.focus();
}

/** Puts the answer in place: the card as it is now, and the heads of the columns with their counts and sums. */
function settle(card, to, answer) {
  sheet.close();
  const moved = answer.querySelector(".card");
  if (card.parentNode !== to) to.prepend(card);
  for (const head of answer.querySelectorAll(".column-head")) document.getElementById(head.id)?.replaceWith(head);
  card.replaceWith(moved);
  toast(`${moved.querySelector(".card-name").textContent} moved to ${to.dataset.label}.`);
  return moved;
}

/** A card that someone else moved meanwhile may come again with the next ones; it is shown once. */
function dropDoubles(event) {
  const answer = parsed(event.detail.serverResponse);
  for (const card of answer.querySelectorAll(".card")) if (document.getElementById(card.id)) card.remove();
  const holder = document.createElement("div");
  holder.append(answer);
  event.detail.serverResponse = holder.innerHTML;
}
