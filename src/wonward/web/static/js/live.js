/**
 * Keeps an open page up to date: asks every few seconds whether what it shows has changed, reads the page anew
 * when it has, and takes over what differs. What someone types, has marked, opened or drags stays as it is.
 */
const live = document.getElementById("live");
const main = document.getElementById("content");

const SECOND = 1000;
const APART = 4 * SECOND; // between two refreshes, however much is going on
const PACES = [[60, 3], [5 * 60, 6], [15 * 60, 15], [Infinity, 30]]; // seconds since a sign of life: seconds between questions
const SLOWEST = 60 * SECOND;

/** What a refresh leaves alone: what people type into, and what is only on this page. */
const KEPT = ".property-editing, #composer, #live, .uploads, .undo, .meanwhile, input, select, textarea";
const STAYS = ".property-editing, #live, .undo, .upload, .meanwhile, .notice:not(.notice-warn)";

let mark = live?.dataset.mark;
let timer;
let failures = 0;
let alive = Date.now();
let refreshed = 0;
let wanted = false;
let changed = new Set();
let pressed = false;

if (live) {
  for (const sign of ["pointermove", "keydown", "scroll"]) addEventListener(sign, () => (alive = Date.now()), { passive: true, capture: true });
  addEventListener("pointerdown", () => (pressed = true), true);
  for (const end of ["pointerup", "pointercancel", "dragend"]) addEventListener(end, () => (pressed = false), true);
  document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : ask()));
  live.querySelector("button").addEventListener("click", () => {
    live.hidden = true;
    wanted = true;
    refreshed = 0;
    ask();
  });
  later();
}

function later() {
  clearTimeout(timer);
  if (document.hidden) return;
  const quiet = (Date.now() - alive) / SECOND;
  const pace = PACES.find(([until]) => quiet < until)[1] * SECOND;
  timer = setTimeout(ask, wanted ? SECOND : Math.min(pace * 2 ** failures, SLOWEST));
}

async function ask() {
  clearTimeout(timer);
  try {
    if (!wanted) await question();
    if (wanted && Date.now() - refreshed >= APART && !occupied()) await refresh();
    failures = 0;
  } catch (problem) {
    if (!(problem instanceof Away)) {
      if (!(problem instanceof Over)) reportError(problem);
      return;
    }
    failures += 1;
  }
  later();
}

/** The page can't be kept up to date any more: its reader signed out, or what it shows is gone. */
class Over extends Error {}

/** The server can't be reached or has no answer now; it is asked again later. */
class Away extends Error {}

async function got(address, headers) {
  const response = await fetch(address, { headers, redirect: "error" }).catch((problem) => {
    throw new Away(problem.message);
  });
  if ([400, 401, 403, 404].includes(response.status)) throw new Over();
  if (!response.ok) throw new Away(response.status);
  return response;
}

async function question() {
  const response = await got(`${live.dataset.address}&mark=${encodeURIComponent(mark)}`, { "HX-Request": "true" });
  mark = response.headers.get("Live-Mark");
  if (response.status === 204) return;
  const news = await response.json();
  for (const number of news.records) changed.add(number);
  for (const [property, text] of Object.entries(news.notes)) note(property, text);
  if (news.many) live.hidden = false;
  wanted = live.hidden && !live.hasAttribute("data-notes-only");
}

/** Says at a field that is being edited what someone else has made of it meanwhile. */
function note(property, text) {
  for (const input of main.querySelectorAll(`[data-saves] [name="${CSS.escape(property)}"]`)) {
    const field = input.closest(".field");
    if (!field || input.closest("#composer")) continue;
    field.querySelector(".meanwhile")?.remove();
    field.append(Object.assign(document.createElement("p"), { className: "meanwhile", role: "status", textContent: text }));
  }
  document.getElementById(`property-${property}`)?.classList.add("changed");
}

/** Tells whether a refresh would get into someone's way right now; it waits until it doesn't. */
function occupied() {
  const marked = getSelection();
  return (
    pressed ||
    Boolean(document.querySelector("dialog[open], main details.menu[open], main [aria-busy=true], .ghost")) ||
    (!marked.isCollapsed && main.contains(marked.anchorNode))
  );
}

async function refresh() {
  wanted = false;
  refreshed = Date.now();
  const response = await got(address(), { Live: "true" });
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html").getElementById("content");
  if (occupied()) {
    wanted = true;
    return;
  }
  const focus = document.activeElement;
  const places = [...main.querySelectorAll(".cards, .table-frame, .board"), main].map((each) => [each, each.scrollTop, each.scrollLeft]);
  const extended = keepEarlier(fresh);
  Idiomorph.morph(main, fresh, {
    callbacks: {
      beforeNodeMorphed: (old) => !old.matches?.(KEPT),
      beforeNodeRemoved: (old) => !(old.matches?.(STAYS) || (extended && old.parentElement?.id === "timeline")),
      beforeAttributeUpdated: (name) => name !== "open",
    },
  });
  htmx.process(main);
  for (const [each, top, left] of places) each.scrollTo(left, top);
  if (focus !== document.activeElement && focus?.isConnected) focus.focus({ preventScroll: true });
  for (const number of changed) {
    document.getElementById(`row-${number}`)?.parentElement.classList.add("changed");
    document.getElementById(`card-${number}`)?.classList.add("changed");
  }
  changed = new Set();
  document.dispatchEvent(new Event("refreshed"));
}

/** The address of this page as far as it was unfolded: with as many cards a column as stand there. */
function address() {
  const here = new URL(location.href);
  here.hash = "";
  const counts = [...document.querySelectorAll(".cards")].map((list) => list.querySelectorAll(".card").length);
  if (counts.length) here.searchParams.set("shown", Math.max(...counts));
  return here.href;
}

/** A timeline that was unfolded keeps what stands further down; the new page begins it only. */
function keepEarlier(fresh) {
  const stories = (page) => page.querySelectorAll("#timeline > .story").length;
  const extended = stories(fresh) > 0 && stories(main) > stories(fresh);
  if (extended) fresh.querySelector("#timeline > .more")?.remove();
  return extended;
}

document.addEventListener("animationend", (event) => event.target.classList.remove("changed"));
