/**
 * Attaching files: dropped anywhere on a record or chosen with the button, one after the other, with progress.
 * The server answers each with the list as it then is; what it refuses stays there with the reason.
 */
import { parsed } from "./toast.js";

const waiting = [];
let busy = false;

const card = () => document.getElementById("files");
const open = () => card()?.querySelector("[data-uploads]");
const carried = (event) => open() && event.dataTransfer?.types.includes("Files");

function ready() {
  const input = open()?.querySelector("input[type=file]");
  if (input) input.multiple = true;
}

document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-uploads] input[type=file]")) return;
  add(event.target.files);
  event.target.value = "";
});

document.addEventListener("dragover", (event) => {
  if (!carried(event)) return;
  event.preventDefault();
  card().classList.add("target");
});

document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) card()?.classList.remove("target");
});

document.addEventListener("drop", (event) => {
  if (!carried(event)) return;
  event.preventDefault();
  card().classList.remove("target");
  add(event.dataTransfer.files);
});

addEventListener("beforeunload", (event) => {
  if (busy) event.preventDefault();
});

function add(files) {
  for (const old of card().querySelectorAll(".upload.failed, .undo")) old.remove();
  for (const file of files) {
    const line = document.createElement("li");
    line.className = "upload";
    line.append(Object.assign(document.createElement("span"), { className: "upload-name", textContent: file.name }));
    card().querySelector(".uploads").append(line);
    const largest = Number(card().dataset.largest);
    if (file.size > largest) fail(line, `Too large; a file may have ${Math.floor(largest / 1024 / 1024)} MB at most`);
    else waiting.push({ file, line });
  }
  if (!busy) next();
}

function next() {
  const upload = waiting.shift();
  busy = Boolean(upload);
  if (upload) send(upload);
}

function send({ file, line }) {
  const progress = Object.assign(document.createElement("progress"), { max: 1, value: 0, ariaLabel: `Attaching ${file.name}` });
  line.append(progress);
  const body = new FormData();
  body.set("file", file);
  const request = new XMLHttpRequest();
  request.open("POST", card().dataset.address);
  request.setRequestHeader("HX-Request", "true");
  request.setRequestHeader("HX-Current-URL", location.href);
  for (const [name, value] of Object.entries(JSON.parse(document.body.getAttribute("hx-headers")))) request.setRequestHeader(name, value);
  request.upload.addEventListener("progress", (event) => {
    progress.value = event.loaded / event.total;
  });
  request.addEventListener("load", () => settle(request, line));
  request.addEventListener("error", () => fail(line, "The server can't be reached; attach it again"));
  request.addEventListener("loadend", next);
  request.send(body);
}

function settle(request, line) {
  const redirect = request.getResponseHeader("HX-Redirect");
  if (redirect) {
    busy = false;
    waiting.length = 0;
    location.assign(redirect);
  } else if (request.status === 200) {
    line.remove();
    show(parsed(request.responseText).querySelector("#files"));
  } else {
    const problem = parsed(request.responseText).querySelector(".problem")?.textContent;
    fail(line, problem ?? "The server could not take it; attach it again");
  }
}

/** Puts the list as it now is in place; what is still on its way, or was refused, stays. */
function show(now) {
  const old = card();
  const chosen = old.querySelector("input[type=file]") === document.activeElement;
  now.querySelector(".uploads").replaceWith(old.querySelector(".uploads"));
  old.replaceWith(now);
  htmx.process(now);
  ready();
  if (chosen) now.querySelector("input[type=file]").focus();
  htmx.trigger(document.body, "record-changed");
}

function fail(line, why) {
  line.classList.add("failed");
  line.querySelector("progress")?.remove();
  line.append(Object.assign(document.createElement("span"), { className: "problem", role: "alert", textContent: why }));
}

document.body.addEventListener("htmx:afterSwap", ready);
ready();
