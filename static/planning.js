// The planning: arrows move between links, page keys change the day; pointing or dragging chooses the hours.
(() => {
  "use strict";
  const table = document.querySelector("[data-plan]");
  if (!table) return;
  const on = (name, act, options) => table.addEventListener(name, act, options);
  const links = (from) => [...(from?.querySelectorAll("a") ?? [])];
  const left = (e) => e.getBoundingClientRect().left;

  // One stop of the Tab key for the whole table: the link one was on, at first that of the first row.
  const rove = (here) => links(table).forEach((a) => (a.tabIndex = a === here ? 0 : -1));
  const nearest = (a, row) => {
    const far = (x) => Math.abs(left(x) - left(a));
    return links(row).reduce((best, x) => (best && far(best) <= far(x) ? best : x), null);
  };
  const goal = (a, key) => {
    const row = a.closest("tr"), own = links(row), at = own.indexOf(a);
    return {
      ArrowLeft: () => own[at - 1],
      ArrowRight: () => own[at + 1],
      ArrowUp: () => nearest(a, row.previousElementSibling),
      ArrowDown: () => nearest(a, row.nextElementSibling),
      Home: () => own[0],
      End: () => own.at(-1),
    }[key];
  };
  const KEPT = "planning-row"; // the row to be on when another day is shown
  on("keydown", (e) => {
    const a = e.target.closest("a"), turn = { PageDown: "next", PageUp: "prev" }[e.key];
    const find = a && !e.altKey && !e.ctrlKey && !e.metaKey && goal(a, e.key);
    if (!a || !(turn || find)) return;
    e.preventDefault();
    if (find) return find()?.focus();
    sessionStorage.setItem(KEPT, a.closest("tr").sectionRowIndex);
    document.querySelector(`.week-nav [rel=${turn}]`)?.click();
  });
  on("focusin", (e) => e.target.closest("a") && rove(e.target.closest("a")));
  const kept = sessionStorage.getItem(KEPT);
  sessionStorage.removeItem(KEPT);
  const { rows } = table.tBodies[0], first = links(rows[kept] ?? rows[0])[0];
  rove(first);
  if (kept) addEventListener("load", () => first.focus()); // once the browser has gone to the day the address names

  // The hours lie inside one free stretch and keep to the step, the shortest and the longest use of the row.
  let pick = null, chosen = false;
  const words = (at) => [at / 60, at % 60].map((n) => String(Math.floor(n)).padStart(2, "0")).join(":");
  const under = (a, x) => {
    const { from, to } = a.dataset, share = (x - left(a)) / a.offsetWidth;
    return +from + Math.min(1, Math.max(0, share)) * (to - from);
  };
  const hours = (x) => {
    const { step, least, most } = pick.a.closest("tr").dataset, { from, to } = pick.a.dataset;
    const up = (at) => Math.ceil(at / step) * step, there = under(pick.a, x), shortest = up(least);
    const start = Math.floor(Math.min(pick.at, there) / step) * step;
    const length = Math.max(up(Math.max(pick.at, there)) - start, shortest);
    const end = Math.min(start + Math.min(length, most), to);
    return [Math.max(Math.min(start, end - shortest), up(from)), end];
  };
  const show = (x) => {
    const [start, end] = hours(x), { from, to } = pick.a.dataset, share = 100 / (to - from);
    pick.mark.textContent = `${words(start)}–${words(end)}`;
    pick.mark.style.insetInline = `${(start - from) * share}% ${(to - end) * share}%`;
    pick.a.parentElement.append(pick.mark);
  };
  const drop = () => {
    clearTimeout(pick?.timer);
    pick?.mark.remove();
    pick = null;
  };
  on("pointerdown", (e) => {
    const a = e.target.closest("a[data-from]"), is_table = matchMedia("(width >= 48rem)").matches;
    chosen = false;
    if (!a || !is_table || e.button || e.ctrlKey || e.metaKey || e.shiftKey) return;
    const mark = Object.assign(document.createElement("span"), { className: "pick" });
    pick = { a, mark, at: under(a, e.clientX), held: e.pointerType !== "touch", touch: e.pointerType === "touch" };
    // A finger that stays chooses; one that moves on scrolls.
    pick.timer = setTimeout(() => {
      pick.held = true;
      show(e.clientX);
    }, 350);
  });
  on("touchmove", (e) => pick?.held && e.preventDefault(), { passive: false });
  on("dragstart", (e) => pick && e.preventDefault());
  on("contextmenu", (e) => pick?.touch && e.preventDefault());
  on("click", (e) => chosen && e.preventDefault());
  document.addEventListener("pointermove", (e) => pick?.held && show(e.clientX));
  document.addEventListener("pointercancel", drop);
  document.addEventListener("pointerup", (e) => {
    if (!pick) return;
    const url = new URL(pick.a.href), [start, end] = hours(e.clientX);
    url.searchParams.set("de", words(start));
    url.searchParams.set("a", words(end));
    url.searchParams.delete("fin");
    chosen = true;
    drop();
    location.assign(url);
  });
})();
