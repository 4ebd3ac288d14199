// Slack's mrkdwn as DOM nodes. Everything that isn't recognised stays text.

import { el, link } from "./dom.js";
import { emojiFor } from "./emoji.js";
import { date } from "./time.js";

const unescape = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

/** A whole text: fenced code, quotes, lines. `world` knows names and the reader's zone. */
export function mrkdwn(text, world) {
  const nodes = [];
  text.split("```").forEach((part, index, parts) => {
    const fenced = index % 2 === 1 && index < parts.length - 1;
    if (fenced) nodes.push(el("pre", { text: plain(part.replace(/^\n|\n$/g, ""), world) }));
    else nodes.push(...lines(index % 2 === 1 ? "```" + part : part, world));
  });
  return nodes;
}

/** Inside code only references are shown by name; nothing else means anything there. */
function plain(text, world) {
  return unescape(text.replace(/<([^<>\n]+)>/g, (whole, inner) => (/^[@#!]|^https?:/.test(inner) ? token(inner, world).textContent : whole)));
}

function lines(text, world) {
  const nodes = [];
  let quote = null;
  for (const line of text.replace(/^\n/, "").split("\n")) {
    const quoted = /^(?:&gt;|>) ?/.exec(line);
    if (quoted) {
      if (!quote) nodes.push((quote = el("blockquote")));
      else quote.append(el("br"));
      quote.append(...inline(line.slice(quoted[0].length), world));
      continue;
    }
    if (nodes.length && !quote) nodes.push(el("br"));
    quote = null;
    nodes.push(...inline(line, world));
  }
  return nodes;
}

const MARKS = { "*": "strong", _: "em", "~": "s" };

/** One line: references, code, bold, italic, strike, emoji. */
export function inline(text, world) {
  const nodes = [];
  let words = "";
  const flush = () => {
    if (words) nodes.push(document.createTextNode(unescape(words)));
    words = "";
  };
  for (let at = 0; at < text.length; ) {
    const found = recognise(text, at, world);
    if (found) {
      flush();
      nodes.push(found.node);
      at += found.length;
    } else {
      words += text[at++];
    }
  }
  flush();
  return nodes;
}

function recognise(text, at, world) {
  const rest = text.slice(at);
  const before = at === 0 ? " " : text[at - 1];
  let match;
  switch (rest[0]) {
    case "<":
      match = /^<([^<>\n]+)>/.exec(rest);
      return match && { node: token(match[1], world), length: match[0].length };
    case "`":
      match = /^`([^`\n]+)`/.exec(rest);
      return match && { node: el("code", { text: plain(match[1], world) }), length: match[0].length };
    case ":":
      match = /^:([a-z0-9_+'-]+):/.exec(rest);
      return match && emojiFor(match[1]) && { node: emojiNode(match[1]), length: match[0].length };
    case "*":
    case "_":
    case "~": {
      if (/[\p{L}\p{N}]/u.test(before)) return null;
      const mark = rest[0] === "*" ? "\\*" : rest[0];
      match = new RegExp(`^${mark}(?=\\S)((?:\`[^\`]*\`|[^\\n])+?)(?<=\\S)${mark}(?![\\p{L}\\p{N}])`, "u").exec(rest);
      return match && { node: el(MARKS[rest[0]], {}, ...inline(match[1], world)), length: match[0].length };
    }
    default:
      return null;
  }
}

export function emojiNode(name) {
  const character = emojiFor(name);
  return character ? el("span", { class: "emoji", role: "img", "aria-label": name, title: `:${name}:`, text: character }) : document.createTextNode(`:${name}:`);
}

/** Plain text knows emoji names and nothing else. */
export function emojiText(words = "") {
  return words.replace(/:([a-z0-9_+'-]+):/g, (whole, name) => emojiFor(name) ?? whole);
}

/** What stands between angle brackets. */
function token(inner, world) {
  const bar = inner.indexOf("|");
  const [head, label] = bar < 0 ? [inner, ""] : [inner.slice(0, bar), inner.slice(bar + 1)];
  if (head.startsWith("@")) return mention(head.slice(1), world, label);
  if (head.startsWith("#")) return el("span", { class: "mention", text: `#${world.channelName(head.slice(1)) ?? unescape(label)}` });
  if (head.startsWith("!subteam^")) return group(head.slice(9), world, label);
  if (head.startsWith("!date^")) return dateToken(head.slice(6), label, world);
  if (head.startsWith("!")) return el("span", { class: "mention", text: `@${head.slice(1)}` });
  return link(unescape(head), unescape(label || head));
}

export function mention(id, world, label = "") {
  const name = world.userName(id) ?? unescape(label || id);
  return el("span", { class: id === world.me ? "mention mention-me" : "mention", text: `@${name}` });
}

export function group(id, world, label = "") {
  const name = world.groupName(id) ?? unescape(label.replace(/^@/, "") || id);
  return el("span", { class: world.myGroups.has(id) ? "mention mention-me" : "mention", text: `@${name}` });
}

function dateToken(spec, fallback, world) {
  const [seconds, format = "{date} {time}", address] = spec.split("^");
  const words = date(Number(seconds), unescape(format), world.tz) ?? unescape(fallback);
  const node = el("time", { text: words, title: unescape(fallback) });
  return address ? link(unescape(address), words) : node;
}
