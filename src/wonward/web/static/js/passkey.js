/** Forms with `data-passkey`: asks the device for a passkey, or to make one, and sends its answer as the form's `credential`. */

const words = {
  NotAllowedError: "Nothing was done: it was cancelled, or took too long.",
  InvalidStateError: "This device has a passkey for you already.",
  SecurityError: "Passkeys work over https alone, at the address that the server is set to.",
};

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));

function text(buffer) {
  const signs = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(signs).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

/** The options of the server with bytes where the browser wants bytes. */
function readable(options) {
  const known = (each) => ({ ...each, id: bytes(each.id) });
  const read = { ...options, challenge: bytes(options.challenge) };
  if (options.user) read.user = { ...options.user, id: bytes(options.user.id) };
  for (const list of ["allowCredentials", "excludeCredentials"]) if (options[list]) read[list] = options[list].map(known);
  return read;
}

/** What the device answered, as the server reads it. */
function written(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"])
    if (credential.response[name]) response[name] = text(credential.response[name]);
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response,
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}

/** The options in the page, else those that the form's address gives out now. */
async function options(form) {
  if (form.dataset.options) return JSON.parse(form.dataset.options).publicKey;
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(answer.status === 429 ? "Too many tries: wait a minute." : "The server didn't answer.");
  return (await answer.json()).request_options.publicKey;
}

async function ask(form) {
  const publicKey = readable(await options(form));
  if (form.dataset.passkey === "get") return navigator.credentials.get({ publicKey });
  // A passkey, which signs in alone: kept by the device, and only after its own check of the person.
  publicKey.authenticatorSelection = {
    ...publicKey.authenticatorSelection,
    residentKey: "required",
    requireResidentKey: true,
    userVerification: "required",
  };
  return navigator.credentials.create({ publicKey });
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const problem = form.querySelector(".problem[hidden]");
  const button = form.querySelector("button");
  if (!window.PublicKeyCredential) {
    form.hidden = true;
    continue;
  }
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    problem.hidden = true;
    button.disabled = true;
    try {
      form.elements.credential.value = JSON.stringify(written(await ask(form)));
      form.submit();
    } catch (error) {
      problem.textContent = words[error.name] ?? error.message;
      problem.hidden = false;
      button.disabled = false;
    }
  });
}
