// The app's Home tab, as it published it for the person who looks.

import * as api from "./api.js";
import { renderBlocks } from "./blocks.js";
import { el } from "./dom.js";

export class HomeTab {
  /** @param {(view: object, block: object, element: object) => Promise<void>} click presses one of its buttons */
  constructor(root, world, click) {
    Object.assign(this, { root, world, click, hash: null, published: 0 });
  }

  /** Shows what is there, and tells the app that somebody looks. */
  async visit() {
    this.hash = null;
    const { published } = this;
    const { view } = await api.post("home", { as: this.world.me });
    // The answer is what was there until now: what the app publishes for this visit may be here before it.
    if (published === this.published) this.show(view);
  }

  /** Shows what the app has just published. */
  publish(view) {
    this.published += 1;
    this.show(view);
  }

  show(view) {
    if (view && view.hash === this.hash) return;
    this.hash = view?.hash ?? null;
    const focus = this.root.contains(document.activeElement) ? document.activeElement.dataset : null;
    const top = this.root.scrollTop;
    if (!view) {
      this.root.replaceChildren(el("div", { class: "welcome" }, el("img", { src: "/page/gantry.svg", alt: "" }), el("h2", { text: "Nothing here yet" }), el("p", { text: `${this.world.state.app.name} hasn't shown anything here. Is it connected?` })));
      return;
    }
    const act = (block, element) => this.click(view, block, element);
    this.root.replaceChildren(el("div", { class: "home-body", testid: "home" }, ...renderBlocks(view.blocks ?? [], this.world, act)));
    this.root.scrollTop = top;
    if (focus?.label) [...this.root.querySelectorAll("button[data-label]")].find((button) => button.dataset.label === focus.label && button.dataset.blockId === focus.blockId)?.focus();
  }
}
