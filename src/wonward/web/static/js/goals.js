/** Moves up and down a table of goals by the arrows, as in a spreadsheet; goes to what is to be mended. */

import "./dashboards.js";

const table = document.querySelector(".goals");

table?.querySelector("[aria-invalid]")?.focus();

table?.addEventListener("keydown", (event) => {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  const cell = event.target.closest("td");
  if (!step || !cell || event.altKey || event.ctrlKey || event.metaKey) return;
  const row = table.tBodies[0].rows[cell.parentElement.sectionRowIndex + step];
  const next = row?.cells[cell.cellIndex]?.querySelector("input");
  if (!next) return;
  event.preventDefault();
  next.focus();
  next.select();
});
