"use strict";
(function () {
  const all = (query, from) => Array.from((from || document).querySelectorAll(query));
  document.documentElement.classList.add("js");
  const contents = document.querySelector(".contents");
  if (innerWidth < 1100) contents.open = false;

  // A link to a table that is folded unfolds it.
  function unfold() {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    const folded = target.matches("article.table") && target.querySelector("details");
    if (folded) folded.open = true;
  }
  addEventListener("hashchange", unfold);
  unfold();

  // Long main tables print whole; folded ones only where the reader unfolded them.
  addEventListener("beforeprint", function () {
    all("article.table:not(.folded) details").forEach(function (details) { details.open = true; });
  });

  // The contents show where the reader is.
  const links = new Map(all(".contents a").map((link) => [link.hash.slice(1), link]));
  const marks = all("main section, main h3[id]").filter((part) => links.has(part.id));
  let now = null;
  function place() {
    let current = marks[0];
    for (const mark of marks) if (mark.getBoundingClientRect().top < 120) current = mark;
    const link = links.get(current.id);
    if (link === now) return;
    if (now) now.removeAttribute("aria-current");
    all(".contents li.now").forEach((item) => item.classList.remove("now"));
    now = link;
    now.setAttribute("aria-current", "true");
    for (let item = now.closest("li"); item; item = item.parentElement.closest("li")) item.classList.add("now");
    const side = document.querySelector(".side");
    if (side.scrollHeight > side.clientHeight && document.activeElement !== query)
      now.scrollIntoView({ block: "nearest" });
  }
  let waiting = false;
  addEventListener("scroll", function () {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(function () { waiting = false; place(); });
  }, { passive: true });

  // Search: whole blocks that hold every word, the first words of each as a link.
  const form = document.getElementById("search");
  const query = document.getElementById("query");
  const hits = document.getElementById("hits");
  const told = document.getElementById("found");
  form.hidden = false;
  let blocks = null;
  function index() {
    blocks = all("main .finding, main .tested, main .beyond, main .notes p, main figcaption, main tbody tr, main article.table > h3, main .references li")
      .map((block) => [block, block.textContent.replace(/\s+/g, " ").trim()])
      .map(([block, text]) => [block, text, text.toLowerCase()]);
  }
  function title(block) {
    const article = block.closest("article.table, figure");
    if (article) return article.querySelector(".label, figcaption b").textContent;
    return block.closest("section").querySelector("h2").textContent;
  }
  function search() {
    const words = query.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    all(".hit").forEach((block) => block.classList.remove("hit"));
    hits.replaceChildren();
    told.textContent = "";
    if (!words.length) return;
    if (!blocks) index();
    const found = blocks.filter(([, , text]) => words.every((word) => text.includes(word)));
    told.textContent = found.length ? told.dataset.found.replace("#", found.length) : told.dataset.none;
    for (const [block, text, lower] of found.slice(0, 40)) {
      const start = Math.max(0, lower.indexOf(words[0]) - 12);
      const link = document.createElement("a");
      const where = document.createElement("b");
      where.textContent = title(block);
      link.href = "#";
      link.append(where, " " + (start ? "…" : "") + text.slice(start, start + 48));
      link.addEventListener("click", function (event) {
        event.preventDefault();
        all(".hit").forEach((other) => other.classList.remove("hit"));
        for (let at = block; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
        block.classList.add("hit");
        block.scrollIntoView({ block: "center" });
        if (!block.hasAttribute("tabindex")) block.setAttribute("tabindex", "-1");
        block.focus({ preventScroll: true });
      });
      const item = document.createElement("li");
      item.append(link);
      hits.append(item);
    }
  }
  let soon = 0;
  query.addEventListener("input", function () { clearTimeout(soon); soon = setTimeout(search, 120); });
  form.addEventListener("submit", function (event) {
    event.preventDefault();
    search();
    const first = hits.querySelector("a");
    if (first) first.click();
  });
  addEventListener("keydown", function (event) {
    if (event.key === "/" && !/^(INPUT|TEXTAREA)$/.test(document.activeElement.tagName)) {
      event.preventDefault();
      query.focus();
    } else if (event.key === "Escape" && document.activeElement === query) {
      query.value = "";
      search();
    }
  });
  place();
})();
