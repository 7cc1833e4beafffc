// Free times in the time zone of the visitor, and anew as soon as a choice changes. Without scripts a button does it.

const form = document.querySelector("[data-guesses-zone]");
if (form) {
  const button = form.querySelector("button");
  button.hidden = true;
  form.addEventListener("change", () => form.requestSubmit());
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const known = [...form.elements.zone.options].some((option) => option.value === here);
  const chosen = new URLSearchParams(location.search).has("zone");
  if (!chosen && known && here !== form.dataset.guessesZone) {
    form.elements.zone.value = here;
    form.requestSubmit();
  }
}
