/** Presses what says its key in aria-keyshortcuts, when that key is typed outside of a text box. */

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.target.closest("input:not([type=radio]), textarea, select, [contenteditable]")) return;
  const pressed = document.querySelector(`main [aria-keyshortcuts="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!pressed) return;
  event.preventDefault();
  pressed.click();
});
