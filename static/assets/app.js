// Conveniences only: every page works without this file.
(() => {
  "use strict";
  const all = (selector, act) => document.querySelectorAll(selector).forEach(act);
  const lines = (id) => {
    const source = document.getElementById(id);
    const items = [...source.querySelectorAll("li")];
    return items.length ? items.map((item) => item.textContent.trim()).join("\n") : source.textContent.replace(/\s/g, "");
  };
  let kept = false;
  const done = (button) => {
    kept = true;
    const before = button.textContent;
    if (!button.dataset.done || before === button.dataset.done) return;
    button.textContent = button.dataset.done;
    button.setAttribute("aria-live", "polite");
    setTimeout(() => { button.textContent = before; }, 2500);
  };

  all("[data-reveal]", (button) => {
    const field = document.getElementById(button.dataset.reveal);
    const show = (visible) => {
      field.type = visible ? "text" : "password";
      button.textContent = visible ? button.dataset.hide : button.dataset.show;
      button.setAttribute("aria-pressed", String(visible));
    };
    button.hidden = false;
    button.addEventListener("click", () => { show(field.type === "password"); field.focus(); });
    // A revealed password must not end up in the browser's list of texts typed before.
    field.form.addEventListener("submit", () => show(false));
  });

  all("[data-caps]", (hint) => {
    const field = document.getElementById(hint.dataset.caps);
    field.addEventListener("keyup", (event) => {
      if (event.getModifierState) hint.hidden = !event.getModifierState("CapsLock");
    });
    field.addEventListener("blur", () => { hint.hidden = true; });
  });

  // Only what was pasted or filled in is sent by itself: who types may still correct.
  all("[data-submit]", (field) => {
    const wanted = Number(field.dataset.submit);
    // After an error a manager would fill the same code in again and again; beside a choice there is something to choose.
    const choices = [...field.form.elements].some((other) => other.type === "checkbox");
    if (choices || field.hasAttribute("aria-invalid")) return;
    field.addEventListener("input", (event) => {
      const filled = !event.inputType || /Paste|Drop|Replacement/.test(event.inputType);
      const digits = field.value.replace(/\s/g, "");
      if (filled && digits.length === wanted && /^\d+$/.test(digits)) field.form.requestSubmit();
    });
  });

  all("[data-copy]", (button) => {
    if (!navigator.clipboard) return;
    button.hidden = false;
    button.addEventListener("click", () => {
      navigator.clipboard.writeText(lines(button.dataset.copy)).then(() => done(button), () => {});
    });
  });

  all("[data-download]", (button) => {
    button.hidden = false;
    button.addEventListener("click", () => {
      const text = button.dataset.head + "\n\n" + lines(button.dataset.download) + "\n";
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
      link.download = button.dataset.name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
      done(button);
    });
  });

  all("[data-print]", (button) => {
    button.hidden = false;
    button.addEventListener("click", () => { kept = true; window.print(); });
  });

  // Passkeys: ask our server what to ask, the browser for an answer, and post that with the page's own form.
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const plain = (value) => {
    if (value instanceof ArrayBuffer) return text(value);
    return value && typeof value === "object" && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)])) : value;
  };
  all("[data-passkey]", (block) => {
    if (!window.PublicKeyCredential || !navigator.credentials) return;
    const [button, failed] = block.children;
    const { form } = button;
    const { purpose } = button.dataset;
    let waiting = new AbortController();
    const use = async (mediation) => {
      const { signal } = waiting;
      const body = new URLSearchParams({ csrf: form.elements.csrf.value, purpose });
      const answer = await fetch(button.dataset.ask, { method: "POST", body });
      if (!answer.ok) throw new Error("refused");
      const { ceremony, publicKey } = await answer.json();
      publicKey.challenge = bytes(publicKey.challenge);
      for (const known of [...(publicKey.allowCredentials || []), ...(publicKey.excludeCredentials || [])]) known.id = bytes(known.id);
      if (publicKey.user) publicKey.user.id = bytes(publicKey.user.id);
      const made = await navigator.credentials[purpose === "new" ? "create" : "get"]({ publicKey, signal, mediation });
      const { response } = made;
      const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
      const credential = {
        id: made.id, rawId: text(made.rawId), type: made.type,
        response: Object.fromEntries(parts.filter((part) => response[part]).map((part) => [part, text(response[part])])),
        extensions: plain(made.getClientExtensionResults()),
      };
      form.elements.credential.value = JSON.stringify(credential);
      form.elements.ceremony.value = ceremony;
      all("[type=password]", (typed) => { typed.value = ""; });
      if (form.elements.method) form.elements.method.value = "passkey";
      form.submit();
    };
    block.hidden = false;
    button.addEventListener("click", (event) => {
      event.preventDefault();
      waiting.abort();
      waiting = new AbortController();
      failed.hidden = true;
      use().catch(() => { failed.hidden = false; });
    });
    if (!/anybody|unlock/.test(purpose) || !PublicKeyCredential.isConditionalMediationAvailable) return;
    // The browser's own list of names then offers passkeys too. Whoever ignores it is told nothing.
    PublicKeyCredential.isConditionalMediationAvailable().then((can) => can && use("conditional")).catch(() => {});
  });

  // One reminder, never a wall: who wrote the codes down presses once more.
  all("[data-kept]", (link) => {
    link.addEventListener("click", (event) => {
      const reminder = document.querySelector("[data-unsaved]");
      if (kept || !reminder.hidden) return;
      event.preventDefault();
      reminder.hidden = false;
    });
  });
})();
