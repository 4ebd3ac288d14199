// A list of messages: grouped by author, parted by day, each redrawn only when it changed.

import { renderBlocks } from "./blocks.js";
import { menu } from "./dialogs.js";
import { el, reconcile } from "./dom.js";
import { emojiNode, emojiText, mrkdwn } from "./mrkdwn.js";
import { ago, clock, dayName, fullTime } from "./time.js";

const TOGETHER = 300; // seconds within which one author's messages are grouped
const seconds = (ts) => Number(ts.split(".")[0]);

export class MessageList {
  /** @param {object} actions act(message, block, element), react(message, name), shortcut(message, shortcut), openThread(ts) — the last only where threads can be opened */
  constructor(root, world, actions) {
    Object.assign(this, { root, world, actions, drawn: new Map() });
  }

  clear() {
    this.drawn.clear();
    this.root.replaceChildren();
  }

  toEnd() {
    this.root.scrollTop = this.root.scrollHeight;
  }

  draw(messages, empty) {
    const pinned = this.root.scrollHeight - this.root.scrollTop - this.root.clientHeight < 80;
    const focus = this.root.contains(document.activeElement) ? document.activeElement.dataset : null;
    const nodes = [];
    let previous = null;
    for (const message of messages) {
      const newDay = !previous || dayName(seconds(previous.ts), this.world.tz) !== dayName(seconds(message.ts), this.world.tz);
      if (newDay) nodes.push(this.keep(`day ${dayName(seconds(message.ts), this.world.tz)}`, "", () => day(dayName(seconds(message.ts), this.world.tz))));
      const grouped = !newDay && previous.user === message.user && previous.is_ephemeral === message.is_ephemeral && seconds(message.ts) - seconds(previous.ts) < TOGETHER;
      nodes.push(this.keep(message.ts, JSON.stringify([message, grouped, this.world.me]), () => this.message(message, grouped)));
      previous = message;
    }
    if (!nodes.length) nodes.push(empty);
    reconcile(this.root, nodes);
    if (pinned) this.toEnd();
    if (focus?.actionId) this.root.querySelector(`[data-block-id="${CSS.escape(focus.blockId)}"][data-action-id="${CSS.escape(focus.actionId)}"]`)?.focus();
  }

  /** The node drawn for `key` last time, unless what it shows has changed. */
  keep(key, signature, make) {
    const known = this.drawn.get(key);
    if (known && known.signature === signature) return known.node;
    const node = make();
    this.drawn.set(key, { node, signature });
    return node;
  }

  message(message, grouped) {
    const { world } = this;
    const author = world.userOf(message.user);
    const at = seconds(message.ts);
    const time = el("time", { class: "time", title: fullTime(at, world.tz), text: clock(at, world.tz) });
    const head = grouped ? null : el("div", { class: "head" }, el("span", { class: "author", text: world.userName(message.user) ?? message.user }), message.bot_id && el("span", { class: "badge", text: "APP" }), time);
    const body = el("div", { class: "body" }, message.is_ephemeral && el("div", { class: "only-you", testid: "ephemeral", text: "👁 Only visible to you" }), head, this.content(message), this.reactions(message), this.replies(message));
    return el("article", {
      class: ["message", grouped && "grouped", message.is_ephemeral && "ephemeral"].filter(Boolean).join(" "),
      testid: "message",
      data: { ts: message.ts, user: author?.name ?? message.user },
    }, grouped ? el("div", { class: "gutter" }, time) : avatar(author), body, this.tools(message));
  }

  content(message) {
    const { world } = this;
    const content = el("div", { class: "content", testid: "content" });
    if (message.blocks?.length && message.bot_id) {
      const act = (block, element) => this.actions.act(message, block, element);
      const plain = message.blocks.every((block) => ["section", "rich_text", "markdown"].includes(block.type) && !block.accessory && !block.fields) && message.blocks.length === 1;
      content.append(plain ? el("div", { class: "prose" }, ...renderBlocks(message.blocks, world, act)) : card(message, renderBlocks(message.blocks, world, act)));
    } else if (message.text) {
      content.append(el("div", { class: "prose" }, ...mrkdwn(message.text, world)));
    }
    for (const attachment of message.attachments ?? []) content.append(this.attachment(message, attachment));
    if (message.edited && !message.bot_id) content.append(el("span", { class: "edited", text: "(edited)" }));
    return content;
  }

  attachment(message, attachment) {
    const act = (block, element) => this.actions.act(message, block, element);
    const words = attachment.blocks ? renderBlocks(attachment.blocks, this.world, act) : [
      attachment.title && el("strong", { text: attachment.title }),
      el("div", {}, ...mrkdwn(attachment.text ?? attachment.fallback ?? "", this.world)),
    ];
    return el("div", { class: "card tone-info" }, ...words.filter(Boolean));
  }

  reactions(message) {
    if (!message.reactions?.length) return null;
    const one = (r) => el("button", {
      class: `reaction${r.users.includes(this.world.me) ? " reaction-mine" : ""}`, type: "button", testid: "reaction", data: { name: r.name },
      title: r.users.map((id) => this.world.userName(id)).join(", "), "aria-pressed": String(r.users.includes(this.world.me)), on: { click: () => this.actions.react(message, r.name) },
    }, emojiNode(r.name), ` ${r.count}`);
    return el("div", { class: "reactions" }, ...message.reactions.map(one));
  }

  replies(message) {
    if (!this.actions.openThread || !message.reply_count) return null;
    const faces = (message.reply_users ?? []).slice(0, 4).map((id) => avatar(this.world.userOf(id), "face"));
    const words = message.reply_count === 1 ? "1 reply" : `${message.reply_count} replies`;
    return el("button", { class: "replies", type: "button", testid: "open-thread", on: { click: () => this.actions.openThread(message.ts) } },
      el("span", { class: "faces" }, ...faces), el("span", { class: "replies-count", text: words }), message.latest_reply && el("span", { class: "replies-when", text: `last reply ${ago(seconds(message.latest_reply))}` }));
  }

  tools(message) {
    if (message.is_ephemeral) return null;
    const thread = this.actions.openThread && (() => this.actions.openThread(message.thread_ts ?? message.ts));
    const emoji = ["eyes", "white_check_mark", "tada", "heart"].map((name) => ({ small: true, title: name, text: emojiText(`:${name}:`), run: () => this.actions.react(message, name) }));
    const offered = this.world.state.app.shortcuts.filter((shortcut) => shortcut.on_messages);
    const items = () => [...emoji, thread && { text: "💬 Reply in thread", run: thread }, ...offered.map((shortcut) => ({ text: shortcut.name, run: () => this.actions.shortcut(message, shortcut) }))].filter(Boolean);
    const tool = (props, text, run) => el("button", { class: "quiet", type: "button", ...props, text, on: { click: run } });
    return el("div", { class: "tools" },
      thread && tool({ class: "quiet hover-only", testid: "reply-in-thread", title: "Reply in thread", "aria-label": "Reply in thread" }, "💬", thread),
      tool({ testid: "message-menu", title: "More", "aria-label": "More", "aria-haspopup": "menu", "aria-expanded": "false" }, "⋯", (event) => menu(event.currentTarget, items())));
  }
}

const day = (name) => el("div", { class: "day", role: "separator" }, el("span", { text: name }));

/** The colour of a card's edge: what its first words say about how things stand. */
function card(message, nodes) {
  const words = JSON.stringify(message.blocks.slice(0, 2));
  const tone = TONES.find(([, names]) => names.test(words))?.[0] ?? (/"style":"primary"/.test(JSON.stringify(message.blocks)) ? "ask" : "info");
  return el("div", { class: `card tone-${tone}`, testid: "card" }, ...nodes);
}

const TONES = [
  ["bad", /:(x|no_entry|no_entry_sign|octagonal_sign|rotating_light|red_circle|boom):|❌|⛔|🛑|🚨/],
  ["warn", /:(warning|alarm_clock|leftwards_arrow_with_hook|construction|hourglass|double_vertical_bar|large_yellow_circle):|⚠|⏰|↩/],
  ["busy", /:(hourglass_flowing_sand|arrows_counterclockwise|gear|building_construction|rocket):|⏳|🔄/],
  ["good", /:(white_check_mark|tada|heavy_check_mark|large_green_circle|receipt|checkered_flag):|✅|🎉/],
];

const HUES = { developer: 262, platform: 174, "platform-two": 204, newcomer: 32 };

export function avatar(user, kind = "avatar") {
  if (user?.is_bot) return el("img", { class: kind, src: "/page/gantry.svg", alt: "" });
  const name = user?.name ?? "?";
  const hue = HUES[name] ?? [...name].reduce((sum, c) => (sum * 31 + c.codePointAt(0)) % 360, 7);
  const initials = name.split(/[-_. ]/).map((part) => part[0]).join("").slice(0, 2).toUpperCase();
  const node = el("span", { class: kind, "aria-hidden": "true", text: initials });
  node.style.setProperty("--hue", hue);
  return node;
}
