// Puts the page together: who you are, where you are, what you see.

import * as api from "./api.js";
import { Composer } from "./composer.js";
import { byId, el } from "./dom.js";
import { HomeTab } from "./home.js";
import { MessageList, avatar } from "./messages.js";
import { ModalHost } from "./modal.js";
import { World } from "./world.js";

const PLACE = "gantry-place";
const place = { channel: null, thread: null, home: false };
const world = new World(changed);

/** Does it, and says why where it can't be done. */
const tried = (work) => async (...args) => {
  try {
    await work(...args);
  } catch (error) {
    notice(error.message);
  }
};

const at = (message) => ({ as: world.me, channel: place.channel, message_ts: message.ts });
const pressed = (block, element) => ({ block_id: block.block_id, action_id: element.action_id });
const act = tried((message, block, element) => api.post("click", { ...at(message), ...pressed(block, element) }));
const clickIn = tried((view, block, element) => api.post("click", { as: world.me, view_id: view.id, ...pressed(block, element) }));
const react = tried((message, name) => api.post("react", { ...at(message), name }));
const shortcut = tried((message, { callback_id }) => api.post("shortcut", { ...at(message), callback_id }));

const channelList = new MessageList(byId("messages"), world, { act, react, shortcut, openThread });
const threadList = new MessageList(byId("thread-messages"), world, { act, react, shortcut });
const home = new HomeTab(byId("home"), world, clickIn);
const modal = new ModalHost(world, clickIn);
const composer = new Composer(byId("composer"), { testid: "composer", send: (text) => send(text, null) });
const threadComposer = new Composer(byId("thread-composer"), { testid: "thread-composer", send: (text) => send(text, place.thread) });

async function send(text, thread) {
  const here = { as: world.me, channel: place.channel };
  if (text.startsWith("/")) {
    const [command] = text.split(/\s/, 1);
    await api.post("command", { ...here, command, text: text.slice(command.length).trim(), ...(thread && { thread_ts: thread }) });
  } else {
    await api.post("message", { ...here, text, ...(thread && { thread_ts: thread }) });
  }
}

function notice(words) {
  const node = byId("notice");
  node.textContent = words;
  node.hidden = !words;
  clearTimeout(notice.timer);
  if (words) notice.timer = setTimeout(() => (node.hidden = true), 6000);
}

async function go(channel) {
  place.channel = channel;
  place.home = false;
  sidebar(false);
  closeThread();
  channelList.clear();
  sessionStorage.setItem(PLACE, channel);
  await world.open(channel);
  channelList.toEnd();
  composer.focus();
}

/** Shows the app's Home tab in place of the messages between it and the person, or those again. */
async function showHome(on) {
  place.home = on;
  closeThread();
  draw();
  if (on) await tried(() => home.visit())();
}

/** On a phone the list of channels lies over the messages. */
function sidebar(open) {
  byId("app").classList.toggle("menu-open", open);
  byId("menu").setAttribute("aria-expanded", String(open));
  if (open) byId("channels").querySelector("button")?.focus();
}

async function openThread(ts) {
  place.thread = ts;
  threadList.clear();
  byId("thread").hidden = false;
  await world.open(place.channel, ts);
  threadList.toEnd();
  threadComposer.focus();
}

function closeThread() {
  place.thread = null;
  threadList.clear();
  byId("thread").hidden = true;
}

function changed({ event, fresh, reset, ...views } = {}) {
  if (!place.channel) return;
  if ("modal" in views) return modal.show(views.modal);
  if ("home" in views) return place.home && home.publish(views.home);
  if (reset) return void start(world.me);
  const message = event?.message;
  const inChannel = message && (!message.thread_ts || message.thread_ts === message.ts || message.subtype === "thread_broadcast");
  if (fresh && inChannel && event.channel !== place.channel) world.unread.set(event.channel, (world.unread.get(event.channel) ?? 0) + 1);
  draw();
  const mine = event?.type === "posted" && message.user === world.me && event.channel === place.channel;
  if (mine) (inChannel ? channelList : threadList).toEnd();
}

function draw() {
  world.unread.delete(place.channel);
  const channel = world.channel(place.channel);
  const app = world.state.app;
  byId("channel-name").textContent = channel.dm_with ? app.name : `# ${channel.name}`;
  byId("channel-purpose").textContent = channel.dm_with ? "" : channel.purpose;
  drawTabs(channel);
  byId("thread-channel").textContent = channel.dm_with ? app.name : `# ${channel.name}`;
  drawPresence(app);
  drawSidebar();
  channelList.draw(world.timeline(place.channel), welcome(channel, app));
  if (place.thread) threadList.draw(world.thread(place.channel, place.thread), el("div"));
  const where = channel.dm_with ? app.name : `#${channel.name}`;
  composer.describe(`Message ${where}, or ${app.command}`, { name: app.command, hint: app.usage_hint });
  threadComposer.describe("Reply…", null);
}

function drawTabs(channel) {
  const tabs = byId("tabs");
  tabs.hidden = !channel.dm_with;
  const on = place.home && Boolean(channel.dm_with);
  for (const id of ["messages", "composer"]) byId(id).hidden = on;
  byId("home").hidden = !on;
  if (tabs.childElementCount && tabs.dataset.on === String(on)) return;
  const focused = tabs.contains(document.activeElement);
  const tab = (name, testid, selected) => el("button", { class: "tab", type: "button", role: "tab", testid, "aria-selected": String(selected), text: name, on: { click: () => showHome(testid === "tab-home") } });
  tabs.dataset.on = String(on);
  tabs.replaceChildren(tab("Home", "tab-home", on), tab("Messages", "tab-messages", !on));
  if (focused) tabs.querySelector("[aria-selected=true]").focus();
}

function drawPresence(app) {
  const there = world.connected && world.state.sockets > 0;
  byId("presence").className = `presence ${there ? "on" : "off"}`;
  byId("presence").textContent = !world.connected ? "reconnecting…" : there ? `${app.name} is connected` : `${app.name} is away`;
}

function drawSidebar() {
  const entry = (channel, words, mark) => {
    const unread = world.unread.get(channel.id) ?? 0;
    return el("button", {
      class: `entry${channel.id === place.channel ? " here" : ""}${unread ? " unread" : ""}`, type: "button", testid: "channel",
      data: { channel: channel.name, id: channel.id }, "aria-current": channel.id === place.channel ? "page" : null,
      on: { click: () => go(channel.id) },
    }, mark, el("span", { class: "entry-name", text: words }), unread > 0 && el("span", { class: "count", testid: "unread", text: unread }));
  };
  const focused = document.activeElement?.dataset?.id;
  const dm = world.dm();
  byId("channels").replaceChildren(
    el("h2", { text: "Channels" }), ...world.channels().map((channel) => entry(channel, channel.name, el("span", { class: "hash", text: "#" }))),
    el("h2", { text: "Apps" }), dm ? entry(dm, world.state.app.name, el("img", { class: "face", src: "/page/gantry.svg", alt: "" })) : "",
  );
  if (focused) byId("channels").querySelector(`[data-id="${CSS.escape(focused)}"]`)?.focus();
}

function drawMe() {
  byId("me-avatar").replaceChildren(avatar(world.user));
  byId("switch-user").replaceChildren(...world.people().map((user) => el("option", { value: user.id, selected: user.id === world.me, text: user.name })));
  byId("switch-user").title = `Times are shown in ${world.tz}`;
}

function welcome(channel, app) {
  const say = (words) => el("li", {}, el("code", { text: words }));
  return el("div", { class: "welcome", testid: "welcome" },
    el("img", { src: "/page/gantry.svg", alt: "" }),
    el("h2", { text: channel.dm_with ? `This is between you and ${app.name}` : `Welcome to #${channel.name}` }),
    el("p", { text: "Nothing has been said here yet. Type one of these:" }),
    el("ul", {}, say(`${app.command} help`), say(`${app.command} ${app.usage_hint}`), say(`@${app.name.toLowerCase()} status`)));
}

async function start(user) {
  const { thread, home: atHome } = place;
  const direct = world.channel(place.channel).dm_with;
  world.become(user);
  drawMe();
  await go(direct ? world.dm().id : place.channel);
  modal.show((await api.get("modal", { as: world.me })).view);
  if (atHome) await showHome(true);
  else if (thread && !direct) await openThread(thread).catch(closeThread);
}

/** A permalink (`/archives/C../p1700000000000100`) leads to its channel and thread. */
function permalink() {
  const [, channel, digits] = /^\/archives\/(\w+)\/p(\d{16,17})$/.exec(location.pathname) ?? [];
  const ts = digits && `${digits.slice(0, -6)}.${digits.slice(-6)}`;
  const thread = new URLSearchParams(location.search).get("thread_ts") ?? ts;
  return channel && { channel, thread };
}

async function main() {
  try {
    await world.load();
  } catch (error) {
    byId("messages").replaceChildren(el("div", { class: "welcome", testid: "locked" }, el("img", { src: "/page/gantry.svg", alt: "" }), el("h2", { text: "This page needs its key" }), el("p", { text: error.message })));
    return;
  }
  byId("team").textContent = world.state.team;
  document.title = world.state.team;
  drawMe();
  const linked = permalink();
  const asked = new URLSearchParams(location.hash.slice(1)).get("channel") ?? sessionStorage.getItem(PLACE);
  const all = world.channels();
  await go(linked?.channel ?? (all.find((c) => c.name === asked || c.id === asked) ?? (world.dm()?.id === asked ? world.dm() : null) ?? all.find((c) => c.name === "dev") ?? all[0]).id);
  if (linked?.thread) await openThread(linked.thread).catch(closeThread);
  byId("switch-user").addEventListener("change", (event) => start(event.target.value).catch((error) => notice(error.message)));
  byId("close-thread").addEventListener("click", closeThread);
  byId("menu").addEventListener("click", () => sidebar(!byId("app").classList.contains("menu-open")));
  byId("scrim").addEventListener("click", () => sidebar(false));
  document.addEventListener("keydown", (event) => event.key === "Escape" && !document.querySelector("dialog[open]") && (sidebar(false), closeThread()));
  modal.show((await api.get("modal", { as: world.me })).view);
  setInterval(() => world.refresh().catch(() => {}), 5000);
}

main();
