// Dialogs over the page. The browser's own: it keeps the focus inside, gives it back, and Escape closes.

import { el } from "./dom.js";

/** Shows a dialog that is removed when it closes. Resolves to what it was closed with. */
export function show(dialog) {
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener("close", () => {
    dialog.remove();
    resolve(dialog.returnValue);
  }));
}

/** Asks before something counts. `words` turns Slack's text objects into words. */
export async function confirmed(confirm, words) {
  const dialog = el("dialog", { class: "confirm", testid: "confirm", "aria-labelledby": "confirm-title", "aria-describedby": "confirm-text" });
  const button = (kind, testid, text, value) => el("button", { class: `button ${kind}`, type: "button", testid, text, on: { click: () => dialog.close(value) } });
  const ok = button(`button-${confirm.style === "danger" ? "danger" : "primary"}`, "confirm-ok", words(confirm.confirm) || "Yes", "yes");
  dialog.append(
    el("h3", { id: "confirm-title", text: words(confirm.title) || "Are you sure?" }),
    el("p", { id: "confirm-text", text: words(confirm.text) }),
    el("div", { class: "dialog-buttons" }, button("", "confirm-cancel", words(confirm.deny) || "Cancel", "no"), ok));
  const closed = show(dialog);
  ok.focus();
  return (await closed) === "yes";
}

/** A small menu at a button: closes on a choice, on Escape, and when the focus leaves it. */
export function menu(anchor, items) {
  const list = el("div", { class: "menu", role: "menu", testid: "menu" });
  const close = (back) => {
    list.remove();
    document.removeEventListener("pointerdown", outside, true);
    anchor.setAttribute("aria-expanded", "false");
    if (back) anchor.focus();
  };
  const outside = (event) => !list.contains(event.target) && close(false);
  const entries = items.map((item) => el("button", {
    class: item.small ? "menu-small" : "menu-item", type: "button", role: "menuitem", testid: "menu-item", title: item.title, "aria-label": item.title, text: item.text,
    on: { click: () => (close(true), item.run()) },
  }));
  const small = entries.filter((_, index) => items[index].small);
  list.append(...(small.length ? [el("div", { class: "menu-row" }, ...small)] : []), ...entries.filter((_, index) => !items[index].small));
  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (step) {
      event.preventDefault();
      entries[(entries.indexOf(document.activeElement) + step + entries.length) % entries.length].focus();
    } else if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      event.stopPropagation();
      close(true);
    }
  });
  document.addEventListener("pointerdown", outside, true);
  anchor.setAttribute("aria-expanded", "true");
  anchor.after(list);
  if (list.getBoundingClientRect().bottom > innerHeight) list.classList.add("menu-up");
  entries[0]?.focus();
}
