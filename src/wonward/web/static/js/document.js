// Tells, while the page of a shared document is looked at, that it is. What only fetches the page tells nothing.

const form = document.querySelector("[data-visit]");
if (form) {
  const body = () => new URLSearchParams(new FormData(form));
  const tell = () => {
    if (document.visibilityState === "visible") {
      fetch(form.dataset.visit, { method: "POST", body: body(), keepalive: true }).catch(() => {});
    }
  };
  setTimeout(tell, 1000);
  setInterval(tell, form.dataset.beat * 1000);
  document.addEventListener("visibilitychange", tell);
}
