// Block Kit as DOM nodes. What a card can't show here it names, so that nothing vanishes silently.

import { confirmed } from "./dialogs.js";
import { el, link } from "./dom.js";
import { emojiNode, emojiText, group, mention, mrkdwn } from "./mrkdwn.js";
import { date } from "./time.js";

/** All blocks of a message. `act(block, element)` is called when a button is pressed and, where asked for, confirmed. */
export function renderBlocks(blocks, world, act) {
  return blocks.map((block) => (RENDER[block.type] ?? unknown)(block, world, act));
}

const RENDER = {
  header: (block) => el("h3", { class: "b-header", text: emojiText(block.text?.text) }),
  section,
  context: (block, world) => el("div", { class: "b-context" }, ...(block.elements ?? []).map((part) => (part.type === "image" ? image(part) : el("span", {}, ...text(part, world))))),
  divider: () => el("hr"),
  actions: (block, world, act) => el("div", { class: "b-actions", role: "group" }, ...(block.elements ?? []).map((element) => control(block, element, act))),
  rich_text: (block, world) => el("div", { class: "b-rich" }, ...(block.elements ?? []).map((part) => richPart(part, world))),
  table,
  image: (block) => image(block),
  markdown: (block, world) => el("div", { class: "b-section" }, ...mrkdwn(block.text ?? "", world)),
};

const unknown = (block) => el("div", { class: "b-unknown", text: `This page doesn't show blocks of type “${block.type}”.` });

function text(object, world) {
  if (!object) return [];
  return object.type === "mrkdwn" ? mrkdwn(object.text ?? "", world) : [document.createTextNode(emojiText(object.text))];
}

function section(block, world, act) {
  const body = el("div", { class: "b-section-body" });
  if (block.text) body.append(el("div", { class: "b-text" }, ...text(block.text, world)));
  if (block.fields) body.append(el("div", { class: "b-fields" }, ...block.fields.map((field) => el("div", {}, ...text(field, world)))));
  const accessory = block.accessory && (block.accessory.type === "image" ? image(block.accessory) : control(block, block.accessory, act));
  return el("div", { class: "b-section" }, body, accessory);
}

// Pictures would be fetched from elsewhere, which this page never does: their words stand in for them.
const image = (block) => el("span", { class: "b-image", role: "img", "aria-label": block.alt_text, text: `🖼 ${block.alt_text ?? ""}` });

function control(block, element, act) {
  if (element.type !== "button") return el("span", { class: "b-unknown", text: `This page doesn't show elements of type “${element.type}”.` });
  const style = ["primary", "danger"].includes(element.style) ? ` button-${element.style}` : "";
  return el("button", {
    class: `button${style}`,
    type: "button",
    testid: "button",
    data: { actionId: element.action_id ?? "", blockId: block.block_id ?? "", label: element.text?.text ?? "" },
    "aria-label": element.accessibility_label,
    text: emojiText(element.text?.text),
    on: { click: (event) => press(event.currentTarget, block, element, act) },
  });
}

/** What a dialog can show of a text. */
const bare = (object) => emojiText(object?.text).replace(/[*_`]/g, "");

async function press(button, block, element, act) {
  if (element.confirm && !(await confirmed(element.confirm, bare))) return;
  if (element.url) window.open(element.url.startsWith("http") ? element.url : "about:blank", "_blank", "noopener,noreferrer");
  button.setAttribute("aria-busy", "true");
  try {
    await act(block, element);
  } finally {
    setTimeout(() => button.removeAttribute("aria-busy"), 1500);
  }
}

function richPart(part, world) {
  const inside = () => (part.elements ?? []).map((piece) => richPiece(piece, world));
  switch (part.type) {
    case "rich_text_section": return el("div", {}, ...inside());
    case "rich_text_preformatted": return el("pre", {}, ...inside());
    case "rich_text_quote": return el("blockquote", {}, ...inside());
    case "rich_text_list": {
      const list = el(part.style === "ordered" ? "ol" : "ul", { start: part.offset ? part.offset + 1 : null, class: `indent-${Math.min(part.indent ?? 0, 4)}` });
      list.append(...(part.elements ?? []).map((item) => el("li", {}, richPart(item, world))));
      return list;
    }
    default: return unknown(part);
  }
}

function richPiece(piece, world) {
  let node = richBare(piece, world);
  const style = piece.style ?? {};
  if (style.code) node = el("code", {}, node);
  if (style.strike) node = el("s", {}, node);
  if (style.italic) node = el("em", {}, node);
  if (style.bold) node = el("strong", {}, node);
  return node;
}

function richBare(piece, world) {
  switch (piece.type) {
    case "text": return document.createTextNode(piece.text ?? "");
    case "link": return link(piece.url ?? "", piece.text || piece.url || "");
    case "user": return mention(piece.user_id, world);
    case "usergroup": return group(piece.usergroup_id, world);
    case "channel": return el("span", { class: "mention", text: `#${world.channelName(piece.channel_id) ?? piece.channel_id}` });
    case "broadcast": return el("span", { class: "mention", text: `@${piece.range}` });
    case "emoji": return emojiNode(piece.name ?? "");
    case "date": return el("time", { text: date(piece.timestamp, piece.format ?? "{date}", world.tz) ?? piece.fallback ?? "" });
    default: return document.createTextNode(piece.text ?? `[${piece.type}]`);
  }
}

function table(block, world) {
  const align = (index) => block.column_settings?.[index]?.align;
  const row = (cells, tag) => el("tr", {}, ...cells.map((cell, index) => el(tag, { class: align(index) && `align-${align(index)}` }, ...tableCell(cell, world))));
  const [head, ...rest] = block.rows ?? [];
  return el("div", { class: "b-table" }, el("table", {}, head && el("thead", {}, row(head, "th")), el("tbody", {}, ...rest.map((cells) => row(cells, "td")))));
}

function tableCell(cell, world) {
  if (cell.type === "rich_text") return (cell.elements ?? []).map((part) => richPart(part, world));
  return [document.createTextNode(String(cell.text ?? cell.value ?? ""))];
}
