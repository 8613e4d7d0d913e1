// What the pages gain when scripts run. Everything works without: links, forms and <details> stay what they are.
(() => {
  "use strict";
  const root = document.documentElement;
  const all = (sel, from = document) => [...from.querySelectorAll(sel)];
  root.classList.add("js");

  // Messages: shown a while, errors longer, and kept under the pointer or the focus.
  const say = (text, kind = "info") => {
    const box = document.getElementById("toasts");
    const toast = document.createElement("div");
    toast.className = `toast ${kind}`;
    toast.dataset.toast = "";
    toast.append(Object.assign(document.createElement("p"), { textContent: text }));
    box.append(toast);
    watch(toast);
  };
  const watch = (toast) => {
    if (toast.dataset.seen || !toast.closest("#toasts")) return;
    toast.dataset.seen = "1";
    const leave = () => {
      if (toast.matches(":hover, :focus-within")) setTimeout(leave, 2000);
      else toast.remove();
    };
    setTimeout(leave, toast.matches(".bad") ? 20000 : 8000);
  };

  // Times and places are typed as text; suggestions come as options of a listbox under the input.
  const suggest = (input) => {
    if (input.dataset.ready) return;
    input.dataset.ready = "1";
    const box = document.createElement("div");
    const list = document.createElement("ul");
    let timer, asked = "", at = -1;
    box.className = "suggest-box";
    list.className = "suggest";
    list.id = `${input.id}-list`;
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", input.labels[0]?.textContent ?? "");
    input.before(box);
    box.append(input, list);
    for (const [name, value] of Object.entries({
      role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id,
    })) input.setAttribute(name, value);
    const show = (open) => {
      list.hidden = !open;
      input.setAttribute("aria-expanded", String(open));
      if (!open) mark(-1);
    };
    const mark = (index) => {
      at = index;
      all("[role=option]", list).forEach((o, i) => o.setAttribute("aria-selected", String(i === at)));
      const option = list.children[at];
      if (option) {
        input.setAttribute("aria-activedescendant", option.id);
        option.scrollIntoView({ block: "nearest" });
      } else input.removeAttribute("aria-activedescendant");
    };
    const take = (option) => {
      input.value = option.dataset.value;
      asked = input.value;
      show(false);
      input.dispatchEvent(new Event("change", { bubbles: true }));
    };
    const fill = (items) => {
      list.replaceChildren(...items.slice(0, 8).map((item, i) => {
        const option = document.createElement("li");
        option.id = `${list.id}-${i}`;
        option.setAttribute("role", "option");
        option.dataset.value = item.value ?? item.label;
        option.textContent = item.label;
        return option;
      }));
      show(items.length > 0);
    };
    input.addEventListener("input", () => {
      clearTimeout(timer);
      const words = input.value.trim();
      asked = words;
      if (words.length < 2) return show(false);
      timer = setTimeout(async () => {
        const url = new URL(input.dataset.suggest, location);
        url.searchParams.set("q", words);
        const answer = await fetch(url, { headers: { Accept: "application/json" } }).catch(() => null);
        if (!answer?.ok || asked !== words) return;
        const found = await answer.json();
        fill(Array.isArray(found) ? found : found.items ?? []);
      }, 200);
    });
    input.addEventListener("keydown", (e) => {
      if (list.hidden) return;
      const n = list.children.length;
      if (e.key === "ArrowDown") mark((at + 1) % n);
      else if (e.key === "ArrowUp") mark((at - 1 + n) % n);
      else if (e.key === "Escape") show(false);
      else if (e.key === "Enter" && at >= 0) take(list.children[at]);
      else return;
      e.preventDefault();
    });
    list.addEventListener("pointerdown", (e) => {
      e.preventDefault();
      const option = e.target.closest("[role=option]");
      if (option) take(option);
    });
    input.addEventListener("blur", () => show(false));
  };

  // The week grid: arrows move between free slots; dragging or Shift+arrows takes several of one day.
  const cells = (table) => all("a[data-col]", table);
  const reach = (from, to) => {
    const column = cells(from.closest("table")).filter((a) => a.dataset.col === from.dataset.col);
    const i = column.indexOf(from), j = column.indexOf(to);
    if (i < 0 || j < 0) return [from];
    const run = column.slice(Math.min(i, j), Math.max(i, j) + 1);
    // a taken slot in between ends the run: each free slot must start where the one before ends
    const gap = run.findIndex((a, k) => k && run[k - 1].dataset.end !== startOf(a));
    return gap < 0 ? run : i < j ? run.slice(0, gap) : [from];
  };
  const startOf = (a) => {
    const name = a.closest("table").dataset.startParam || "debut";
    return a.dataset.start ?? new URL(a.href, location).searchParams.get(name);
  };
  // One stop of the Tab key for the whole grid: the cell one was on, at first the first.
  const rove = (table, here) => cells(table).forEach((a) => (a.tabIndex = a === here ? 0 : -1));
  document.addEventListener("focusin", (e) => {
    const a = e.target.closest("[data-week] a[data-col]");
    if (a) rove(a.closest("table"), a);
  });
  let pick = null;
  const paint = (run) => {
    all("a.sel").forEach((a) => a.classList.remove("sel"));
    run.forEach((a) => a.classList.add("sel"));
  };
  const choose = (run) => {
    const first = run[0], name = first.closest("table").dataset.endParam || "fin";
    const url = new URL(first.href, location);
    url.searchParams.set(name, run.at(-1).dataset.end);
    first.href = url;
    if (first.hasAttribute("hx-get")) {
      const hx = new URL(first.getAttribute("hx-get"), location);
      hx.searchParams.set(name, run.at(-1).dataset.end);
      first.setAttribute("hx-get", hx.pathname + hx.search);
      htmx.process(first);
    }
    first.click();
  };
  const step = (a, key) => {
    const table = a.closest("table"), down = key === "ArrowDown";
    if (down || key === "ArrowUp") {
      const column = cells(table).filter((x) => x.dataset.col === a.dataset.col);
      return column[column.indexOf(a) + (down ? 1 : -1)];
    }
    const side = key === "ArrowRight" ? 1 : -1, top = a.getBoundingClientRect().top;
    for (let col = +a.dataset.col + side; col >= 0 && col < 31; col += side) {
      const column = cells(table).filter((x) => +x.dataset.col === col);
      if (column.length) {
        const far = (x) => Math.abs(x.getBoundingClientRect().top - top);
        return column.reduce((best, x) => (far(x) < far(best) ? x : best));
      }
    }
  };
  document.addEventListener("pointerdown", (e) => {
    const a = e.target.closest("[data-week] a[data-col]");
    if (a && e.button === 0 && e.pointerType === "mouse") pick = { from: a, run: [a] };
  });
  document.addEventListener("dragstart", (e) => {
    if (e.target.closest?.("[data-week] a")) e.preventDefault();
  });
  document.addEventListener("pointerover", (e) => {
    const a = pick && e.target.closest("[data-week] a[data-col]");
    if (a) paint((pick.run = reach(pick.from, a)));
  });
  document.addEventListener("pointerup", () => {
    const done = pick;
    pick = null;
    if (done && done.run.length > 1) choose(done.run);
  });
  document.addEventListener("keydown", (e) => {
    const a = e.target.closest?.("[data-week] a[data-col]");
    if (!a || !/^(Arrow|Enter)/.test(e.key)) return;
    const table = a.closest("table"), from = table.picked ?? a;
    if (e.key === "Enter") {
      const run = reach(from, a);
      table.picked = null;
      if (run.length > 1) {
        e.preventDefault();
        choose(run);
      }
      return;
    }
    const next = step(a, e.key);
    if (!next) return;
    e.preventDefault();
    table.picked = e.shiftKey ? from : null;
    paint(e.shiftKey ? reach(from, next) : []);
    next.focus();
  });

  // Small things, by delegation, so that swapped pieces need no set-up.
  document.addEventListener("click", async (e) => {
    const hit = (sel) => e.target.closest(sel);
    const copy = hit("[data-copy]");
    hit("[data-dismiss]")?.closest("[data-toast]").remove();
    if (hit("[data-print]")) print();
    if (copy) {
      const input = document.getElementById(copy.dataset.copy);
      input.select();
      await navigator.clipboard?.writeText(input.value).catch(() => document.execCommand("copy"));
      say(copy.dataset.done, "good");
    }
    all("details[data-menu][open]").forEach((d) => d.contains(e.target) || d.matches(".pop") || (d.open = false));
  });
  document.addEventListener("keydown", (e) => {
    const open = e.key === "Escape" && e.target.closest?.("details[data-menu][open]");
    if (open) {
      open.open = false;
      open.querySelector("summary").focus();
    }
  });
  // A form sent once is not sent twice; its button says so. Coming back by the browser's own button frees it.
  document.addEventListener("submit", (e) => {
    const form = e.target;
    if (form.method !== "post" && !("once" in form.dataset)) return;
    if (form.dataset.sent) return e.preventDefault();
    if ([...form.attributes].some((a) => a.name.startsWith("hx-")) || form.closest("[hx-boost=true]")) return;
    form.dataset.sent = "1";
    setTimeout(() => all("button[type=submit], button:not([type])", form).forEach((b) => (b.disabled = true)));
  });
  addEventListener("pageshow", (e) => {
    if (!e.persisted) return;
    all("form[data-sent]").forEach((form) => {
      delete form.dataset.sent;
      all("button", form).forEach((b) => (b.disabled = false));
    });
  });

  const offline = () => all("[data-offline]").forEach((p) => (p.hidden = navigator.onLine));
  addEventListener("online", offline);
  addEventListener("offline", offline);

  // On a phone, the tab one is on and the time that is asked for are what shows of a row wider than the screen.
  const reveal = (piece) => {
    for (const e of all(".tabs [aria-current], .timeline .mine", piece)) {
      const box = e.closest("ul, .scroll"), [here, there] = [e, box].map((x) => x.getBoundingClientRect());
      const kept = box.querySelector("th, thead td")?.offsetWidth ?? 0; // the column that stays where it is
      box.scrollLeft += here.left - there.left - kept - Math.max(0, there.width - kept - here.width) / 2;
    }
  };
  document.addEventListener("toggle", (e) => reveal(e.target), true);

  const enhance = (piece) => {
    reveal(piece);
    all("[data-suggest]", piece).forEach(suggest);
    all("[data-week]", piece).forEach((table) => rove(table, cells(table)[0]));
    all("[data-toast]").forEach(watch);
    piece.querySelector("[data-focus]")?.focus();
  };
  // A form that shows what it comes to while it is typed: what is changed is no longer said to be wrong.
  document.addEventListener("change", ({ target }) => {
    const form = target.closest("form[data-mends]");
    if (!form) return;
    form.querySelector(".summary")?.remove();
    const box = target.closest(".wrong") ?? document.getElementById(`f-${target.name}`);
    box?.querySelector(":scope > .error")?.remove();
    box?.classList.remove("wrong");
  });
  // An act on one card swaps the whole list: what is ticked or typed on the other cards stays.
  const typed = (piece) => all("[id]:is(input, textarea, select)", piece).filter((f) =>
    f.type === "checkbox" ? f.checked !== f.defaultChecked : "defaultValue" in f && f.value !== f.defaultValue);
  let begun = [];
  document.addEventListener("htmx:beforeSwap", (e) => {
    const { target, requestConfig } = e.detail;
    begun = typed(target).filter((f) => f.form !== requestConfig?.elt?.closest?.("form"));
  });
  document.addEventListener("htmx:afterSwap", () => {
    for (const old of begun) {
      const now = document.getElementById(old.id);
      if (!now || now === old) continue;
      now.checked = old.checked;
      now.value = old.value;
      const dialog = old.closest("details[open]") && now.closest("details");
      if (dialog) dialog.open = true;
    }
    begun = [];
  });
  // A boosted link replaces the page even when the answer is an error page; other failures are told in words.
  document.addEventListener("htmx:beforeSwap", (e) => {
    if (e.detail.boosted && e.detail.xhr.status >= 400) e.detail.shouldSwap = true;
  });
  document.addEventListener("htmx:afterSwap", (e) => {
    if (e.detail.boosted) {
      scrollTo(0, 0);
      document.getElementById("main").focus({ preventScroll: true });
    }
  });
  document.addEventListener("htmx:load", (e) => enhance(e.detail.elt));
  document.addEventListener("htmx:responseError", (e) => {
    if (e.detail.boosted) return;
    const page = new DOMParser().parseFromString(e.detail.xhr.responseText, "text/html");
    say((page.querySelector("main p") ?? page.body).textContent.trim().slice(0, 300) || String(e.detail.xhr.status), "bad");
  });
  document.addEventListener("htmx:sendError", () => {
    offline();
    say(document.querySelector("[data-offline]")?.textContent.trim() ?? "", "warn");
  });
  offline();
  enhance(document);
})();
