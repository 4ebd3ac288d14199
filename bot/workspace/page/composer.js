// The box where people type: messages, and slash commands with a hint.

import { el } from "./dom.js";

/** @param {{testid: string, send: (text: string) => Promise<void>}} options Enter sends, Shift+Enter breaks the line, Up brings the last text back. */
export class Composer {
  constructor(root, { testid, send }) {
    this.send = send;
    this.sent = "";
    this.box = el("textarea", { testid, rows: 1, autocomplete: "off", spellcheck: "true", "aria-label": "Message" });
    this.button = el("button", { class: "send", type: "button", testid: testid === "composer" ? "send" : "thread-send", "aria-label": "Send", text: "➤", disabled: true });
    this.hint = el("div", { class: "hint", testid: `${testid}-hint`, hidden: true });
    this.error = el("div", { class: "error", testid: `${testid}-error`, role: "alert", hidden: true });
    root.replaceChildren(this.error, this.hint, el("div", { class: "box" }, this.box, this.button));
    this.box.addEventListener("input", () => this.typed());
    this.box.addEventListener("keydown", (event) => this.key(event));
    this.button.addEventListener("click", () => this.submit());
  }

  /** What the empty box says, and which command it hints at (`null` where commands don't work). */
  describe(placeholder, command) {
    this.box.placeholder = placeholder;
    this.command = command;
    this.typed();
  }

  focus() {
    this.box.focus();
  }

  typed() {
    const text = this.box.value;
    this.box.style.height = "auto";
    this.box.style.height = `${Math.min(this.box.scrollHeight, 220)}px`;
    this.button.disabled = !text.trim();
    this.error.hidden = true;
    const { command } = this;
    const typing = command && text.startsWith("/") && (command.name.startsWith(text.trim()) || text.startsWith(`${command.name} `) || text === command.name);
    this.hint.hidden = !typing;
    if (typing) this.hint.replaceChildren(el("kbd", { text: command.name }), el("span", { text: command.hint }), el("span", { class: "hint-key", text: text.startsWith(command.name) ? "Enter sends" : "Tab completes" }));
  }

  key(event) {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "Tab" && !this.hint.hidden && !this.box.value.startsWith(this.command.name)) {
      event.preventDefault();
      this.box.value = `${this.command.name} `;
      this.typed();
    } else if (event.key === "ArrowUp" && !this.box.value && this.sent) {
      event.preventDefault();
      this.box.value = this.sent;
      this.typed();
    }
  }

  async submit() {
    const text = this.box.value.trim();
    if (!text || this.box.readOnly) return;
    this.box.readOnly = true;
    try {
      await this.send(text);
      this.sent = text;
      this.box.value = "";
      this.typed();
    } catch (error) {
      this.error.textContent = error.message;
      this.error.hidden = false;
    } finally {
      this.box.readOnly = false;
      this.focus();
    }
  }
}
