/** Shows a short message in the corner; a problem stays longer. Screen readers read it out. */
export function toast(content, bad = false) {
  const box = document.createElement("div");
  box.className = bad ? "toast toast-bad" : "toast";
  if (typeof content === "string") box.textContent = content;
  else box.append(content);
  document.getElementById("toasts").append(box);
  setTimeout(() => box.remove(), bad ? 9000 : 4000);
}

/** Returns what a part of a page from this server holds, to be put into this one. */
export function parsed(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return holder.content;
}
