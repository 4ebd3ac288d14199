// Modals: what the app opened for the person, with its fields. What is wrong stands at the field it is about.

import * as api from "./api.js";
import { renderBlocks } from "./blocks.js";
import { el } from "./dom.js";
import { input } from "./inputs.js";
import { emojiText } from "./mrkdwn.js";

const words = (object) => emojiText(object?.text);

/** What gets the focus back from a dialog is still inert then, and Chromium lets nobody type into it: once more, afterwards. */
function refocus() {
  const at = document.activeElement;
  at?.blur();
  at?.focus();
}

export class ModalHost {
  /** @param {(view: object, block: object, element: object) => Promise<void>} click presses a button in the modal */
  constructor(world, click) {
    Object.assign(this, { world, click, dialog: null, view: null });
  }

  /** Shows this view, or nothing. The same view with the same content stays as it is, with what was typed. */
  show(view) {
    if (view && this.view?.id === view.id && this.view.hash === view.hash) return;
    this.view = view;
    const before = this.dialog;
    this.dialog = view ? this.draw(view) : null;
    if (this.dialog) {
      document.body.append(this.dialog);
      this.dialog.showModal();
      (this.dialog.querySelector("[autofocus]") ?? this.fields[0]?.control?.focus ?? this.dialog.querySelector("button"))?.focus();
    }
    before?.close();
    before?.remove();
    if (before && !this.dialog) refocus();
  }

  draw(view) {
    this.fields = [];
    const blocks = (view.blocks ?? []).map((block) => (block.type === "input" ? this.field(block) : renderBlocks([block], this.world, (at, element) => this.click(view, at, element))[0]));
    this.trouble = el("div", { class: "error", role: "alert", testid: "modal-trouble", hidden: true });
    const submit = view.submit && el("button", { class: "button button-primary", type: "submit", testid: "modal-submit", text: words(view.submit) });
    const cancel = el("button", { class: "button", type: "button", testid: "modal-close", text: words(view.close) || "Cancel", on: { click: () => this.leave(view) } });
    const form = el("form", { novalidate: true, on: { submit: (event) => (event.preventDefault(), this.send(view, submit)) } },
      el("header", { class: "modal-head" }, el("img", { src: "/page/gantry.svg", alt: "" }), el("h2", { id: "modal-title", text: words(view.title) }),
        el("button", { class: "quiet", type: "button", "aria-label": "Close", testid: "modal-x", text: "✕", on: { click: () => this.leave(view) } })),
      el("div", { class: "modal-body" }, ...blocks, this.trouble),
      el("footer", { class: "dialog-buttons" }, cancel, submit));
    const dialog = el("dialog", { class: "modal", testid: "modal", "aria-labelledby": "modal-title" }, form);
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.leave(view);
    });
    return dialog;
  }

  field(block) {
    const id = `field-${block.block_id}`;
    const control = input(block.element, id, this.world);
    const error = el("div", { class: "field-error", id: `${id}-error`, role: "alert", testid: "field-error", hidden: true });
    const hint = block.hint && el("div", { class: "field-hint", id: `${id}-hint`, text: words(block.hint) });
    const label = el("label", { class: "field-label", for: id, text: words(block.label) }, block.optional && el("span", { class: "field-optional", text: " (optional)" }));
    control?.focus?.setAttribute("aria-describedby", [hint && hint.id, error.id].filter(Boolean).join(" "));
    this.fields.push({ block, control, error });
    return el("div", { class: "field", testid: "field", data: { block: block.block_id } }, label,
      control?.node ?? el("div", { class: "b-unknown", text: `This page has no field of type “${block.element?.type}”.` }), hint, error);
  }

  async send(view, submit) {
    if (submit.disabled) return;
    submit.disabled = true;
    submit.setAttribute("aria-busy", "true");
    try {
      const values = Object.fromEntries(this.fields.filter(({ control }) => control).map(({ block, control }) => [block.block_id, control.value()]));
      const { errors = {}, trouble = "" } = await api.post("submit", { as: this.world.me, view_id: view.id, values });
      this.told(errors, trouble);
    } catch (error) {
      this.told({}, error.message);
    } finally {
      submit.disabled = false;
      submit.removeAttribute("aria-busy");
    }
  }

  told(errors, trouble) {
    for (const { block, control, error } of this.fields) {
      const wrong = errors[block.block_id] ?? "";
      error.textContent = wrong;
      error.hidden = !wrong;
      control?.focus?.toggleAttribute("aria-invalid", Boolean(wrong));
    }
    this.trouble.textContent = trouble;
    this.trouble.hidden = !trouble;
    this.fields.find(({ block }) => errors[block.block_id])?.control?.focus.focus();
  }

  async leave(view) {
    // It goes when the workspace says so; where it knows nothing of it, there is nothing to keep.
    await api.post("close", { as: this.world.me, view_id: view.id }).catch(() => this.show(null));
  }
}
