// What is live on a page: the parts marked data-live are fetched anew while somebody looks, until none of them goes on:
// those marked "over" are, and those marked "along" only go along with others. Where that fails twice the page says that
// it is old. Everything else works without.
(() => {
  "use strict";
  const EVERY = 3000; // milliseconds
  const MOST = 60000; // after trouble, the longest pause
  const PATIENCE = 10000; // for one answer
  let pause = EVERY;
  let waiting = 0; // the timer of the next look, where none is under way
  let pressed = false;
  let old = null; // the line that says that the page is old

  const busy = (part) => part.contains(document.activeElement) && document.activeElement.matches("input, select, textarea");

  const goesOn = () => document.querySelector('[data-live=""]') !== null;

  // What somebody opened or closed stays so: of details that have a name.
  const keep = (part, next) => {
    next.querySelectorAll("details[id]").forEach((each) => {
      const here = document.getElementById(each.id);
      if (here && part.contains(here)) each.open = here.open;
    });
  };

  // Where the keyboard was, it is again: by the address of a link, the name of details, the words of a button.
  const again = (part, held) => {
    const name = held.matches("summary") ? held.parentElement.id : "";
    const alike = (each) => each.getAttribute("href") === held.getAttribute("href") && each.textContent === held.textContent;
    const found = name ? [...document.getElementById(name)?.children ?? []] : [...part.querySelectorAll(held.tagName)];
    (found.find(alike) ?? found.find((each) => held.matches("a") && each.getAttribute("href") === held.getAttribute("href")))?.focus();
  };

  const refresh = async () => {
    const options = { credentials: "same-origin", headers: { "X-Live": "1" }, signal: AbortSignal.timeout(PATIENCE) };
    const answer = await fetch(location.href, options);
    if (!answer.ok || answer.redirected) throw new Error(`${answer.status}`);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (pressed) return; // what is under a finger stays there until it is lifted
    const parts = [...document.querySelectorAll("[data-live]")];
    fresh.querySelectorAll("[data-live]").forEach((next, at) => {
      const part = parts[at];
      if (!part || busy(part)) return;
      keep(part, next);
      part.dataset.live = next.dataset.live;
      if (part.innerHTML === next.innerHTML) return;
      const held = part.contains(document.activeElement) ? document.activeElement : null;
      part.replaceChildren(...next.childNodes);
      if (held) again(part, held);
    });
  };

  const say = () => {
    if (old) return;
    old = document.createElement("p");
    old.className = "old";
    old.setAttribute("role", "status");
    const anew = document.createElement("a");
    anew.href = location.href;
    anew.textContent = "Load it anew";
    const at = document.querySelector(".bottom time")?.title ?? "before";
    old.append(`This page is not live any more: it stands as of ${at}. It is tried again by itself. `, anew);
    document.getElementById("main").before(old);
  };

  const look = async () => {
    waiting = 0;
    if (!document.hidden) {
      try {
        await refresh();
        pause = EVERY;
        old?.remove();
        old = null;
      } catch {
        pause = Math.min(pause * 2, MOST);
        if (pause > 2 * EVERY) say();
      }
    }
    if (goesOn()) waiting = setTimeout(look, pause);
  };

  addEventListener("pointerdown", () => { pressed = true; });
  for (const over of ["pointerup", "pointercancel"]) addEventListener(over, () => { pressed = false; });
  // Who comes back to it, from another tab or by unlocking a phone, sees it as it is now.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden || !waiting) return;
    clearTimeout(waiting);
    look();
  });
  if (goesOn()) waiting = setTimeout(look, EVERY);
})();
