// Passkeys: a button in <form data-passkey> asks the device for a credential, puts it into the field `credential`
// and sends the form. `create` makes one, `get` shows one; the options are in the page, or asked for with `data-ask`.
const decode = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const encode = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

export function watchPasskeys() {
  if (!window.PublicKeyCredential) return;
  document.querySelectorAll("form[data-passkey]").forEach((form) => {
    form.querySelectorAll("[data-passkey-button]").forEach((button) => {
      button.hidden = false;
      button.addEventListener("click", () => send(form));
    });
  });
}

async function send(form) {
  const failed = form.querySelector("[data-passkey-failed]");
  if (failed) failed.hidden = true;
  try {
    const { publicKey } = await options(form);
    const credential = form.dataset.passkey === "create" ? await create(form, publicKey) : await get(publicKey);
    form.elements.credential.value = JSON.stringify(packed(credential));
    form.submit();
  } catch {
    if (failed) failed.hidden = false;
  }
}

async function options(form) {
  if (form.dataset.ask === undefined) {
    const found = JSON.parse(document.getElementById("passkey-options").textContent);
    return found.creation_options || found.request_options;
  }
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
  return (await answer.json()).request_options;
}

function create(form, publicKey) {
  const alone = form.elements.passwordless?.checked;
  return navigator.credentials.create({
    publicKey: {
      ...publicKey,
      challenge: decode(publicKey.challenge),
      user: { ...publicKey.user, id: decode(publicKey.user.id) },
      excludeCredentials: known(publicKey.excludeCredentials),
      authenticatorSelection: {
        ...publicKey.authenticatorSelection,
        residentKey: alone ? "required" : "discouraged",
        requireResidentKey: Boolean(alone),
        ...(alone ? { userVerification: "required" } : {}),
      },
    },
  });
}

function get(publicKey) {
  return navigator.credentials.get({
    publicKey: {
      ...publicKey,
      challenge: decode(publicKey.challenge),
      allowCredentials: known(publicKey.allowCredentials),
    },
  });
}

function known(credentials) {
  return (credentials || []).map((one) => ({ ...one, id: decode(one.id) }));
}

function packed(credential) {
  const { response } = credential;
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  return {
    id: credential.id,
    rawId: encode(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: Object.fromEntries(parts.filter((name) => response[name]).map((name) => [name, encode(response[name])])),
  };
}
