// The authenticator page: makes its keys here, shows a number to link them by, and from then on codes.
// What goes over the wire is written down in docs/authenticator.md.
(() => {
  "use strict";
  const at = (id) => document.getElementById(id);
  const base = at("authenticator").dataset.base;
  const PARTS = ["unable", "lost", "over", "gone", "request", "said", "waiting", "linked", "codes", "how", "again", "keep", "forget"];
  const show = (...wanted) => PARTS.forEach((id) => { at(id).hidden = !wanted.includes(id); });
  const put = (id, text) => { if (at(id).textContent !== text) at(id).textContent = text; };
  const grouped = (digits) => digits.replace(/(\d{3})(?=\d)/g, "$1 ");

  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const post = async (path, fields) => {
    const answer = await fetch(base + path, {
      method: "POST", body: new URLSearchParams(fields), credentials: "omit", cache: "no-store", redirect: "error",
    });
    if (!answer.ok) throw Object.assign(new Error("refused"), { status: answer.status });
    return answer.json();
  };

  // What this page keeps, one record: keys that no script can read out, and how far it is.
  let opened;
  const table = async (mode, act) => {
    opened ??= new Promise((resolve, reject) => {
      const asked = indexedDB.open("vestibule-authenticator", 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore("kept");
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    });
    const change = (await opened).transaction("kept", mode);
    const asked = act(change.objectStore("kept"));
    return new Promise((resolve, reject) => {
      change.oncomplete = () => resolve(asked.result);
      change.onerror = change.onabort = () => reject(change.error);
    });
  };
  let own;
  // What waits for an answer, and what became of the last one.
  let asked;
  let said;
  const keep = async (record) => {
    await table("readwrite", (kept) => kept.put(record, "page"));
    own = record;
  };

  const STEP = 30;
  const codeAt = async (key, step) => {
    const counter = new DataView(new ArrayBuffer(8));
    counter.setUint32(0, Math.floor(step / 2 ** 32));
    counter.setUint32(4, step >>> 0);
    const mac = new DataView(await crypto.subtle.sign("HMAC", key, counter.buffer));
    const offset = mac.getUint8(19) & 15;
    return String((mac.getUint32(offset) & 0x7fffffff) % 1e6).padStart(6, "0");
  };

  const draw = () => {
    if (own.stage === "gone") {
      show("gone", "again");
    } else if (own.stage === "linked") {
      put("account", own.account);
      show("linked", "codes", "keep", "forget", ...(asked ? ["request"] : []), ...(said ? ["said"] : []));
    } else if (Date.now() >= own.ends) {
      show("over", "again");
    } else {
      put("number", grouped(own.number));
      const until = new Date(own.ends);
      put("until", until.toLocaleTimeString(document.documentElement.lang, { timeStyle: "short" }));
      at("until").dateTime = until.toISOString();
      show("waiting", "codes", "how");
    }
  };

  const begin = async () => {
    show();
    const subtle = crypto.subtle;
    const raw = crypto.getRandomValues(new Uint8Array(20));
    const totp = await subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-1" }, false, ["sign"]);
    const pair = await subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
    const fields = { key: text(raw), public_key: text(await subtle.exportKey("raw", pair.publicKey)) };
    raw.fill(0);
    const { number, poll, lasts } = await post("/pairing", fields);
    await keep({ stage: "waiting", totp, signer: pair.privateKey, number, poll, ends: Date.now() + lasts * 1000 });
    draw();
  };

  const news = async () => {
    const { state, account, app } = await post("/pairing/state", { poll: own.poll });
    if (state === "linked") {
      const { totp, signer } = own;
      await keep({ stage: "linked", totp, signer, account, app });
      // Browsers clear what they think is unused; this is not.
      navigator.storage?.persist?.();
    } else if (state === "over") {
      own.ends = 0;
    }
    draw();
  };

  // Approvals: each message is signed, with a question of the server's that is good once.
  let question;
  const signed = async (path, purpose, fields, rest = []) => {
    const { app } = own;
    question ??= (await post("/question", { app })).question;
    const message = ["vestibule authenticator 1", purpose, location.host, app, question, ...rest].join("\n");
    const mark = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, own.signer, new TextEncoder().encode(message));
    const sent = { ...fields, app, question, signature: text(mark) };
    question = undefined;
    const answer = await post(path, sent);
    ({ question } = answer);
    return answer;
  };

  const offer = (request) => {
    if (request?.id === asked?.id) {
      asked = request;
      return;
    }
    asked = request;
    if (asked) {
      said = undefined;
      put("where", asked.title);
      put("what", asked.agent);
      put("from", asked.address);
      const when = new Date(asked.asked * 1000);
      put("when", when.toLocaleTimeString(document.documentElement.lang, { timeStyle: "medium" }));
      at("when").dateTime = when.toISOString();
      at("typed").value = "";
      at("short").hidden = true;
    }
    draw();
    if (asked) at("request-title").focus();
  };

  // One exchange after the other: each uses up the question that the last one brought.
  let turn = Promise.resolve();
  const inTurn = (act) => { turn = turn.then(act); return turn; };
  const look = () => inTurn(async () => {
    if (asked && Date.now() < asked.until) return;
    try {
      const { request } = await signed("/requests", "requests", {});
      if (request) request.until = Date.now() + 10_000;
      offer(request ?? undefined);
    } catch ({ status }) {
      if (status !== 410) return;
      asked = undefined;
      await keep({ ...own, stage: "gone" });
      draw();
    }
  });

  const reply = (decision, number) => {
    if (!asked) return;
    const { id, portal, asked: moment } = asked;
    asked = undefined;
    draw();
    const send = () =>
      signed("/answer", "answer", { id, decision, number }, [id, portal, String(moment), decision, number]);
    inTurn(async () => {
      // A question that waited too long is put again.
      const { state } = await send().catch(({ status }) => (status === 403 ? send() : {})).catch(() => ({}));
      said = state ?? "over";
      for (const word of at("said").children) word.hidden = word.dataset.state !== said;
      draw();
      at("said").focus();
    });
  };
  const approve = () => {
    const number = at("typed").value.trim();
    at("short").hidden = /^\d\d$/.test(number);
    if (at("short").hidden) reply("approve", number); else at("typed").focus();
  };

  const lost = () => show("lost", "again");
  const restart = () => begin().catch(lost);

  let shown;
  let beat = 0;
  const tick = async () => {
    const now = Math.floor(Date.now() / 1000);
    const step = Math.floor(now / STEP);
    at("left").value = STEP - (now % STEP);
    if (own && shown !== step) {
      shown = step;
      put("code", grouped(await codeAt(own.totp, step)));
    }
    beat += 1;
    // A page that was away while its number was entered hears of it, though the number is over.
    const approves = at("authenticator").dataset.approves;
    if (own?.stage === "linked" && approves && !document.hidden && beat % 3 === 0) await look();
    if (own?.stage === "waiting" && own.ends && !document.hidden && beat % 3 === 0) await news().catch(() => {});
  };

  const start = async () => {
    if (!globalThis.isSecureContext || !crypto.subtle || !globalThis.indexedDB) throw new Error("unable");
    own = await table("readonly", (kept) => kept.get("page"));
    at("again").addEventListener("click", () => { shown = undefined; restart(); });
    at("forget-now").addEventListener("click", async () => {
      await table("readwrite", (kept) => kept.delete("page"));
      [own, shown] = [undefined, undefined];
      await restart();
    });
    at("approve").addEventListener("click", approve);
    at("typed").addEventListener("keydown", (event) => { if (event.key === "Enter") approve(); });
    at("refuse").addEventListener("click", () => reply("refuse", ""));
    if (own) draw(); else await restart();
    const run = async () => {
      await tick().catch(() => {});
      setTimeout(run, 1000);
    };
    run();
  };
  start().catch(() => show("unable"));
  navigator.serviceWorker?.register(`${base}/worker.js`, { scope: base }).catch(() => {});
})();
