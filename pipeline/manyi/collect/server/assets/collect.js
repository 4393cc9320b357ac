// A code scanned from a slip stands behind #: put it into the field, take it out of the address.
(() => {
  const field = document.querySelector("input[name=code]");
  if (!field || location.hash.length < 2) return;
  field.value = decodeURIComponent(location.hash.slice(1));
  history.replaceState(null, "", location.pathname + location.search);
})();

// Drafts, the queue, and sending. Without it the server asks page by page; with it the form needs no network.
(() => {
  const form = document.querySelector("form[data-collect]");
  if (!form) return;
  const { all, controls, number, unitOf } = window.manyi;
  const setup = JSON.parse(form.dataset.collect);
  const { root, role, definition } = setup;
  const DRAFT = "manyi:draft:", QUEUE = "manyi:queue:", DONE = "manyi:done:", HOUR = 3600e3;

  // Some browsers forbid storage: then nothing is kept, and no network means no answer.
  const shelf = (kind) => {
    try {
      window[kind].setItem("manyi:probe", "1");
      window[kind].removeItem("manyi:probe");
      return window[kind];
    } catch {
      return null;
    }
  };
  const disk = shelf("localStorage"), tab = shelf("sessionStorage");
  if (!disk || !tab || !window.fetch || !window.crypto) return;
  const get = (key) => {
    try {
      return JSON.parse(disk.getItem(key));
    } catch {
      return null;
    }
  };
  const put = (key, record) => {
    try {
      disk.setItem(key, JSON.stringify(record));
      return true;
    } catch {
      return false;
    }
  };
  const records = (head) =>
    Object.keys(disk).filter((key) => key.startsWith(head)).map(get).filter(Boolean);

  const newId = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return [...bytes].map((one) => one.toString(16).padStart(2, "0")).join("");
  };
  const fill = (text, details) => text.replace(/\{(\w+)\}/g, (_, name) => details[name]);

  // --- sending

  let waiting = 0;
  const RETRY = [5, 15, 60, 300];
  const post = async (record) => {
    const headers = { "Content-Type": "application/json", "X-Manyi-Id": record.id, "X-Manyi-Ticket": record.ticket };
    if (record.tries) headers["X-Manyi-Queued"] = "1";
    const reply = await fetch(`${root}/api/submissions`, {
      method: "POST", headers, body: record.body, credentials: "omit", cache: "no-store", keepalive: record.body.length < 60000,
    });
    let told = {};
    try {
      told = await reply.json();
    } catch { /* A proxy may answer in its own words. */ }
    return { status: reply.status, again: Number(reply.headers.get("Retry-After")) || 0, told };
  };
  // Sends one record. Returns what came of it: a receipt, faults, or nothing yet.
  const send = async (record) => {
    let reply;
    try {
      reply = await post(record);
    } catch {
      reply = { status: 0, again: 0, told: {} };
    }
    if ("standing" in reply.told) {
      put(DONE + record.id, { ...reply.told, id: record.id, at: Date.now() });
      disk.removeItem(QUEUE + record.id);
      disk.removeItem(DRAFT + record.id);
    } else if (reply.status === 422 && !record.tries) {
      disk.removeItem(QUEUE + record.id);
    } else {
      put(QUEUE + record.id, { ...record, tries: (record.tries || 0) + 1 });
      disk.removeItem(DRAFT + record.id);
      const pause = reply.again || RETRY[Math.min(record.tries || 0, RETRY.length - 1)];
      clearTimeout(waiting);
      waiting = setTimeout(flush, (pause + Math.random() * 2) * 1000);
    }
    return reply;
  };
  let flushing = false;
  const flush = async () => {
    if (flushing) return;
    flushing = true;
    for (const record of records(QUEUE)) {
      // What the person of this page has just finished is sent by the page itself.
      if (record.id !== sendingNow) show(record.id, await send(record));
    }
    flushing = false;
  };
  let sendingNow = "";
  let show = () => {};
  // The first moments of a network that came back often fail.
  window.addEventListener("online", () => [0, 1500, 4000].forEach((pause) => setTimeout(flush, pause)));

  for (const one of records(DONE)) if (Date.now() - one.at > 24 * HOUR) disk.removeItem(DONE + one.id);
  for (const one of records(DRAFT)) if (Date.now() - one.at > 24 * HOUR) disk.removeItem(DRAFT + one.id);
  if (navigator.serviceWorker) {
    navigator.serviceWorker.register(`${root}/worker.js`, { scope: `${root}/` }).catch(() => {});
  }

  // --- the first page: a draft begins, or one goes on

  const start = () => {
    const whole = `${root}/w/${role}#form-${form.lang}`;
    const ticket = form.querySelector("[name=_ticket]").value;
    const go = (draft) => {
      if (!put(DRAFT + draft.id, draft)) return false;
      tab.setItem("manyi:current", draft.id);
      location.assign(whole);
      return true;
    };
    // The page that is needed without a network, and what it loads.
    if (window.caches) {
      const links = all(document, "link[rel=stylesheet], script[src]").map((one) => one.href || one.src);
      caches.open("manyi-pages")
        .then((pages) => pages.addAll([`${root}/w/${role}`, ...links, ...(/\/(f|c)\/[^/]+$/.test(location.pathname) ? [location.pathname] : [])]))
        .then(() => { document.documentElement.dataset.kept = ""; })
        .catch(() => {});
    }
    const held = records(DRAFT)
      .filter((one) => one.ticket === ticket && one.definition === definition && Date.now() - one.at < 12 * HOUR)
      .sort((a, b) => b.at - a.at)[0];
    if (held) {
      const box = form.querySelector(".resume");
      const time = new Date(held.started).toLocaleString(form.lang, { dateStyle: "medium", timeStyle: "short" });
      box.querySelector(".note").textContent = fill(setup.words.draft_from, { time });
      const button = box.querySelector("[data-resume]");
      button.textContent = setup.words.continue_draft;
      button.addEventListener("click", () => go(held));
      box.hidden = false;
    }
    form.addEventListener("submit", (event) => {
      if (event.submitter && event.submitter.name === "_language") return;
      const now = Date.now();
      const from = /\/(f|c)\/[^/]+$/.test(location.pathname) ? location.pathname : `${root}/code`;
      const draft = { id: newId(), role, ticket, definition, started: now, at: now, place: 1, fields: {}, seconds: {}, from };
      if (go(draft)) event.preventDefault();
    });
    flush();
  };

  // --- the form

  const whole = () => {
    const id = tab.getItem("manyi:current");
    let draft = id && get(DRAFT + id);
    const finished = id && (get(DONE + id) || get(QUEUE + id));
    // Answers to another form are not put into this one.
    if ((!draft && !finished) || (draft && (draft.role !== role || draft.definition !== definition))) {
      location.replace(`${root}/f/${role}`);
      return;
    }
    const forms = all(document, "form[data-collect]");
    const current = () => forms.find((one) => one.offsetHeight) || forms[0];
    const pages = (one) => all(one, ".page");
    const placeOf = (one) => pages(one).findIndex((page) => !page.hidden);
    const last = pages(form).length - 1;
    const restore = (place) => window.manyi.restore(place);

    const gather = (one) => {
      const fields = {};
      for (const control of all(one, "[data-id] [name]")) {
        const list = (fields[control.name] ??= []);
        if (/^(radio|checkbox)$/.test(control.type) ? control.checked : control.value) list.push(control.value);
      }
      return fields;
    };
    const refill = (fields) => {
      for (const one of forms) {
        for (const control of all(one, "[data-id] [name]")) {
          const list = fields[control.name] || [];
          if (/^(radio|checkbox)$/.test(control.type)) control.checked = list.includes(control.value);
          else control.value = list[0] || "";
        }
      }
    };

    // Time on a section counts while the page is looked at.
    let since = Date.now();
    const count = (place) => {
      const section = pages(form)[place]?.dataset.section;
      const now = Date.now();
      if (draft && section && !document.hidden) {
        draft.seconds[section] = (draft.seconds[section] || 0) + (now - since) / 1000;
      }
      since = now;
    };
    const save = () => {
      if (!draft) return;
      count(draft.place);
      draft.place = placeOf(current());
      draft.fields = gather(current());
      draft.at = Date.now();
      put(DRAFT + id, draft);
    };
    document.addEventListener("visibilitychange", () => {
      if (document.hidden && draft) {
        const section = pages(form)[draft.place]?.dataset.section;
        if (section) draft.seconds[section] = (draft.seconds[section] || 0) + (Date.now() - since) / 1000;
        put(DRAFT + id, draft);
      }
      since = Date.now();
    });

    // One question's answer as the store keeps it; undefined where there is none.
    const answer = (question) => {
      const own = controls(question).filter((one) => !one.disabled && !one.closest(".other"));
      const ticked = own.filter((one) => one.checked);
      const missing = ticked.find((one) => "missing" in one.dataset);
      if (missing) return Number(missing.value);
      const name = question.dataset.id;
      switch (question.dataset.widget) {
        case "choice": return ticked.length ? Number(ticked[0].value) : undefined;
        case "select": return own[0].value ? Number(own[0].value) : undefined;
        case "multiple": return ticked.length ? ticked.map((one) => Number(one.value)) : undefined;
        case "number": {
          const text = own.find((one) => one.name === name).value.trim();
          if (!text) return undefined;
          const found = number(text, unitOf(question));
          // What only the server could read it tells to write otherwise.
          return Number.isFinite(found) ? found : text;
        }
        case "ranking": {
          const ranks = own.filter((one) => one.value);
          if (!ranks.length) return undefined;
          return Object.fromEntries(ranks.map((one) => [one.name.slice(name.length + 1), Number(one.value)]));
        }
        case "code": {
          const bare = (text) => text.normalize("NFKD").replace(/[^\p{L}\p{N}]/gu, "").toUpperCase();
          return own.map((one) => bare(one.value)).join("") || undefined;
        }
        default: return clean(own[0].value);
      }
    };
    const clean = (text) => text.replace(/\r\n?/g, "\n").replace(/[^\P{C}\n\t\p{Cf}\p{Co}]/gu, "").trim() || undefined;
    const sheet = (one) => {
      const answers = {};
      for (const question of all(one, "[data-id]")) {
        if (question.hidden) continue;
        const found = answer(question);
        if (found === undefined) continue;
        answers[question.dataset.id] = found;
        const beside = question.querySelector(".other input");
        const text = beside && !beside.disabled && clean(beside.value);
        if (text) answers[`${question.dataset.id}__text`] = text;
      }
      const wide = Math.min(screen.width, screen.height);
      const coarse = window.matchMedia("(pointer: coarse)").matches;
      const seconds = Object.fromEntries(Object.entries(draft.seconds).map(([key, spent]) => [key, Math.round(spent * 10) / 10]));
      return {
        answers, form: definition, language: one.lang,
        device: wide < 600 ? "phone" : coarse ? "tablet" : "desk",
        started: `${new Date(draft.started).toISOString().slice(0, 16)}Z`, seconds,
      };
    };

    const state = (name) => {
      for (const one of forms) {
        for (const part of all(one, "[data-state]")) part.hidden = part.dataset.state !== name;
        one.querySelector(".after").hidden = name === "sending";
      }
    };
    // Nothing that was answered stays on a screen that others will see.
    const forget = () => {
      draft = null;
      for (const one of forms) {
        one.reset();
        one.querySelector("[data-next]").href = tab.getItem("manyi:from") || `${root}/f/${role}`;
      }
    };
    const wordsOf = (one) => JSON.parse(one.dataset.collect).words;
    const tell = (key) => {
      for (const one of forms) {
        const banner = one.querySelector(".banner.told");
        banner.textContent = key ? wordsOf(one)[key] : "";
        banner.hidden = !key;
      }
    };
    const done = (told) => {
      forget();
      restore(last);
      state(told.receipt ? "done" : "none");
      for (const one of forms) {
        one.querySelector("[data-receipt]").textContent = told.receipt;
        const line = one.querySelector("[data-state=done] .told");
        line.hidden = !["conflict", "code-spent"].includes(told.standing);
        line.textContent = wordsOf(one)[told.standing === "conflict" ? "script_conflict" : "received_code_spent"];
      }
    };
    show = (which, reply) => {
      if (which !== id || !("standing" in reply.told)) return;
      done(reply.told);
    };
    const refused = (faults) => {
      const named = faults.map((fault) => fault.field);
      for (const one of forms) for (const part of all(one, "[data-state]")) part.hidden = part.dataset.state !== "sending";
      const place = pages(form).findIndex((page) => named.some((field) =>
        page.querySelector(`[data-id="${CSS.escape(field.replace(/__text$/, ""))}"]`)));
      restore(place > 0 ? place : 1);
      tell(place > 0 ? "script_refused" : "script_failed");
      save();
    };
    const finish = async () => {
      if (sendingNow) return;
      sendingNow = id;
      count(draft.place);
      state("sending");
      const record = { id, role, ticket: draft.ticket, body: JSON.stringify(sheet(current())), at: Date.now(), tries: 0 };
      // On disk before it is sent: a phone may be switched off now.
      const safe = put(QUEUE + id, record);
      const reply = await send(record);
      sendingNow = "";
      if ("standing" in reply.told) done(reply.told);
      else if (reply.status === 422) refused(reply.told.faults || []);
      else if (safe) {
        forget();
        state("queued");
      } else refused([]);
    };

    document.addEventListener("input", save);
    document.addEventListener("click", (event) => {
      if (event.target.closest("[data-send]")) {
        flush();
        return;
      }
      if (!event.target.closest("[data-go]") || !draft) return;
      tell("");
      save();
      if (draft && placeOf(current()) === last) finish();
    });
    window.addEventListener("pagehide", save);
    // Another tab with the same answers: what is written there appears here.
    window.addEventListener("storage", (event) => {
      if (event.key === DONE + id && event.newValue) done(JSON.parse(event.newValue));
      if (event.key === DRAFT + id && event.newValue && draft) {
        draft = JSON.parse(event.newValue);
        refill(draft.fields);
        restore(placeOf(current()));
      }
    });

    if (draft) {
      tab.setItem("manyi:from", draft.from || "");
      refill(draft.fields);
      restore(Math.min(Math.max(draft.place, 0), last - 1));
    } else if ("standing" in finished) done(finished);
    else {
      forget();
      restore(last);
      state("queued");
    }
    flush();
  };

  (setup.step === "start" ? start : whole)();
})();
