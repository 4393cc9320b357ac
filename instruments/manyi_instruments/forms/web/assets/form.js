// Comfort only: the server decides who is asked what and which answers stand.
"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("js");

  // Conditions: nested lists as data, two-valued; nothing is ever evaluated as code.
  const isGiven = (held) => held !== undefined && held !== null && (typeof held === "number" || held.length > 0);
  const nearly = (number) => Math.round(number * 1e9) / 1e9;
  const COMPARE = {
    ">=": (a, b) => a >= b, "<=": (a, b) => a <= b, ">": (a, b) => a > b, "<": (a, b) => a < b,
    "==": (a, b) => a === b, "!=": (a, b) => a !== b,
  };
  const COMPUTE = {
    "+": (a, b) => a + b, "-": (a, b) => a - b, "*": (a, b) => a * b, "/": (a, b) => (b ? a / b : NaN),
    min: Math.min, max: Math.max, abs: Math.abs,
    ceil: (a) => Math.ceil(nearly(a)), floor: (a) => Math.floor(nearly(a)),
    minus: (a) => -a,
  };
  const holds = (node, held) => {
    const [head, ...rest] = node;
    switch (head) {
      case "and": return rest.every((part) => holds(part, held));
      case "or": return rest.some((part) => holds(part, held));
      case "not": return !holds(rest[0], held);
      case "given": return isGiven(held[rest[0]]);
      case "selected": {
        const answer = Array.isArray(rest[1]) ? rest[1][1] : rest[1];
        const own = held[rest[0]];
        return Array.isArray(own) ? own.includes(answer) : own === answer;
      }
      case "always": return true;
      case "never": return false;
      default: return COMPARE[head](value(rest[0], held), value(rest[1], held));
    }
  };
  const value = (node, held) => {
    if (typeof node === "number") return node;
    if (typeof node === "string") return held[node];
    const [head, ...rest] = node;
    if (head === "text") return rest[0];
    if (head === "if") return value(holds(rest[0], held) ? rest[1] : rest[2], held);
    return COMPUTE[head](...rest.map((part) => value(part, held)));
  };

  const all = (within, selector) => [...within.querySelectorAll(selector)];
  const controls = (question) => all(question, "input, select, textarea");
  const main = (question) => question.querySelector(`[name="${question.dataset.id}"]`);

  // A number as people type it; undefined where only the server can tell.
  const number = (text, unit) => {
    let plain = text.normalize("NFKC").replace(/[\u2212]/g, "-").replace(/\u066b/g, ".").trim();
    plain = plain.replace(/[\u0660-\u0669\u06f0-\u06f9]/g, (sign) => String(sign.codePointAt(0) & 15));
    const said = unit ? unit.normalize("NFKC").toLowerCase() : "";
    if (said && plain.toLowerCase().endsWith(said)) plain = plain.slice(0, -said.length).trim();
    if (/^[+-]?\d{1,3}([,' \u066c]\d{3})+(\.\d+)?$/.test(plain)) plain = plain.replace(/[,' \u066c]/g, "");
    else if (/^[^.,]*,[^.,]*$/.test(plain)) plain = plain.replace(",", ".");
    if (/^[+-]?(\d+\.?\d*|\.\d+)$/.test(plain)) return Number(plain);
    return /[^\x00-\x7f]/.test(plain) ? undefined : NaN;
  };
  const unitOf = (question) => question.querySelector(".unit")?.textContent ?? "";
  // A server's own script reads answers by the same rules.
  window.manyi = { all, controls, number, unitOf };

  // What a question holds, as conditions see it: missing answers are none.
  const answer = (question) => {
    const ticked = all(question, ":checked[name]").filter((one) => !("missing" in one.dataset));
    switch (question.dataset.widget) {
      case "choice": return ticked.length ? Number(ticked[0].value) : null;
      case "select": {
        const chosen = main(question).selectedOptions[0];
        return chosen && chosen.value && !("missing" in chosen.dataset) ? Number(chosen.value) : null;
      }
      case "multiple": return ticked.map((one) => Number(one.value));
      case "number": {
        const found = number(main(question).value, unitOf(question));
        return Number.isFinite(found) ? found : null;
      }
      case "text": return main(question).value.trim();
      default: return controls(question).map((one) => one.value.trim()).join("");
    }
  };
  const isEmpty = (question) =>
    !controls(question).some((one) =>
      /^(radio|checkbox)$/.test(one.type) ? one.checked : !one.closest(".other") && one.value.trim());

  // Shows and hides questions; returns what is held.
  const update = (form) => {
    const held = JSON.parse(form.dataset.held || "{}");
    for (const question of all(form, "[data-id]")) {
      const asked = !question.dataset.asked || holds(JSON.parse(question.dataset.asked), held);
      question.hidden = !asked;
      for (const one of controls(question)) one.disabled = !asked;
      if (!asked) continue;
      const other = question.querySelector(".other");
      if (other && question.dataset.widget !== "ranking") {
        const open = all(question, "[data-other]").some((one) => one.checked || one.selected);
        other.hidden = !open;
        other.querySelector("input").disabled = !open;
      }
      held[question.dataset.id] = answer(question);
    }
    const shown = form.querySelector("[name=_shown]");
    if (shown) shown.value = all(form, "[data-id]:not([hidden])").map((one) => one.dataset.id).join(" ");
    return held;
  };

  // One answer that rules others out, a rank given twice, a number beside "don't know": the last one counts.
  const settle = (question, changed) => {
    if (changed.type === "checkbox" && changed.checked) {
      const alone = "alone" in changed.dataset;
      for (const one of all(question, "[type=checkbox]")) {
        if (one !== changed && (alone || "alone" in one.dataset)) one.checked = false;
      }
      if (question.dataset.widget === "number") main(question).value = "";
    }
    if (question.dataset.widget === "number" && changed.type === "text" && changed.value.trim()) {
      for (const one of all(question, "[type=checkbox]")) one.checked = false;
    }
    if (question.dataset.widget === "ranking" && changed.value) {
      for (const one of all(question, "select")) if (one !== changed && one.value === changed.value) one.value = "";
    }
  };

  // What is wrong with a question, in words; empty where nothing is.
  const fault = (question, held, words) => {
    const id = question.dataset.id;
    if (isEmpty(question)) return "required" in question.dataset ? words.required : "";
    if (question.dataset.widget === "number" && main(question).value.trim()) {
      const found = number(main(question).value, unitOf(question));
      const { low, high, bounds } = question.dataset;
      if (Number.isNaN(found)) return words.web_not_number;
      if (found === undefined) return "";
      if ("whole" in question.dataset && !Number.isInteger(found)) return words.web_not_whole;
      if ((low && found < Number(low)) || (high && found > Number(high))) return bounds;
    }
    if (question.dataset.widget === "ranking") {
      const ranks = all(question, "select").map((one) => Number(one.value)).filter(Boolean);
      if (new Set(ranks).size < ranks.length) return words.web_rank_twice;
      if (Math.max(...ranks) > ranks.length) return words.web_rank_gap;
    }
    if (question.dataset.widget === "code" && controls(question).some((one) => {
      const letters = one.value.normalize("NFKD").replace(/[^\p{L}\p{N}]/gu, "");
      return letters.length !== one.maxLength || !("digits" in one.dataset ? /^\d*$/ : /^[a-z]*$/i).test(letters);
    })) return words.web_code;
    const refused = question.dataset.refused;
    return refused && holds(JSON.parse(refused), held) ? question.dataset.refusal : "";
  };

  const mark = (question, message) => {
    const id = `${question.id}-error`;
    let line = document.getElementById(id);
    if (!message && !line) return;
    if (!line) {
      line = document.createElement("p");
      line.className = "error";
      line.id = id;
      (question.querySelector(":scope > .hint") || question.firstElementChild).after(line);
    }
    line.textContent = message;
    line.hidden = !message;
    question.classList.toggle("wrong", Boolean(message));
    const group = question.getAttribute("role") === "radiogroup";
    const options = question.dataset.widget !== "number";
    for (const one of group ? [question] : controls(question).filter((c) => options || c.type === "text")) {
      if (message) one.setAttribute("aria-invalid", "true");
      else one.removeAttribute("aria-invalid");
      const ids = (one.getAttribute("aria-describedby") || "").split(" ").filter((part) => part && part !== id);
      if (message) ids.push(id);
      if (ids.length) one.setAttribute("aria-describedby", ids.join(" "));
      else one.removeAttribute("aria-describedby");
    }
  };

  const focusOn = (element) => {
    element.focus({ preventScroll: true });
    element.scrollIntoView({ block: "start" });
  };

  // Tells all faults of a page at once; true where there are none.
  const passes = (form, page) => {
    const words = JSON.parse(form.dataset.words);
    const held = update(form);
    const questions = all(page, "[data-id]").filter((one) => !one.hidden);
    const faults = questions.map((one) => [one, fault(one, held, words)]);
    for (const [question, message] of faults) mark(question, message);
    const wrong = faults.filter(([, message]) => message);
    const summary = page.querySelector(".summary:not(.further)");
    summary.hidden = !wrong.length;
    const list = summary.querySelector("ul");
    list.replaceChildren(...wrong.map(([question, message]) => {
      const row = document.createElement("li");
      const link = document.createElement("a");
      const first = controls(question).find((one) => !one.disabled);
      link.href = `#${first.id}`;
      const text = question.querySelector(".text").firstChild.textContent.trim();
      link.textContent = `${question.querySelector(".number").textContent}. ${text.slice(0, 60)}`;
      row.append(link, ` ${message}`);
      return row;
    }));
    if (wrong.length) focusOn(summary);
    return !wrong.length;
  };

  // The preview: all pages in one document, one shown at a time, the same one in every language.
  const whole = (forms) => {
    let place = 0;
    const pages = (form) => all(form, ".page");
    const show = (focused) => {
      for (const form of forms) pages(form).forEach((page, number) => { page.hidden = number !== place; });
      if (!focused) return;
      const current = forms.find((form) => form.offsetParent !== null || form.offsetHeight) || forms[0];
      window.scrollTo(0, 0);
      current.querySelector("main").focus({ preventScroll: true });
    };
    const empty = (page) => "page" in page.dataset && all(page, "[data-id]").every((one) => one.hidden);
    for (const form of forms) {
      form.addEventListener("submit", (event) => event.preventDefault());
      form.addEventListener("click", (event) => {
        const way = event.target.closest("[data-go]")?.dataset.go;
        if (!way) return;
        const own = pages(form);
        if (way === "next" && "page" in own[place].dataset && !passes(form, own[place])) return;
        update(form);
        do place += way === "next" ? 1 : -1; while (empty(own[place]));
        show(true);
      });
    }
    window.addEventListener("hashchange", () => {
      const target = document.getElementById(location.hash.slice(1));
      if (!target?.matches(".form")) return;
      show(true);
    });
    // An answer given in one language is given in all.
    document.addEventListener("input", (event) => {
      const own = event.target.form;
      for (const form of forms) {
        if (form === own) continue;
        for (const question of all(own, "[data-id]")) {
          const twin = form.querySelector(`[data-id="${question.dataset.id}"]`);
          controls(question).forEach((one, number) => {
            const other = controls(twin)[number];
            if (/^(radio|checkbox)$/.test(one.type)) other.checked = one.checked;
            else other.value = one.value;
          });
        }
        update(form);
      }
    });
    // Goes to a page whose answers were put in from elsewhere.
    window.manyi.restore = (wanted) => {
      place = wanted;
      for (const form of forms) update(form);
      show(true);
    };
    show(false);
  };

  const forms = all(document, "form.form");
  for (const form of forms) {
    form.addEventListener("input", (event) => {
      const question = event.target.closest("[data-id]");
      if (!question) return;
      settle(question, event.target);
      const held = update(form);
      // A fault that was told goes away as soon as it is mended, and comes back only with the button.
      if (question.classList.contains("wrong") && !fault(question, held, JSON.parse(form.dataset.words))) {
        mark(question, "");
      }
    });
    update(form);
    if (!("page" in form.dataset)) continue;
    let sent = false;
    form.addEventListener("submit", (event) => {
      const going = !event.submitter || event.submitter.value === "next";
      if (sent || (going && !passes(form, form))) {
        event.preventDefault();
        return;
      }
      sent = true;
      setTimeout(() => { sent = false; }, 4000);
    });
    window.addEventListener("pageshow", () => { sent = false; update(form); });
    // Browsers that focus only fields by themselves are helped.
    const told = form.querySelector(".summary:not([hidden])");
    if (told) setTimeout(() => { if (document.activeElement === document.body) focusOn(told); }, 200);
  }
  // Links of a summary lead to the field itself.
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".summary a");
    const field = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!field) return;
    event.preventDefault();
    const own = field.closest("[data-id]") || field;
    (own === field ? controls(own)[0] : field).focus({ preventScroll: true });
    own.scrollIntoView({ block: "center" });
  });
  if (forms.length && forms[0].classList.contains("whole")) whole(forms);
})();
