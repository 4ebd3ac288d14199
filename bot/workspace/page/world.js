// What the page knows: people, channels, messages as one person sees them. Changes come in as events; views are told.

import * as api from "./api.js";

const ME = "gantry-me";
const NEWEST = 300; // messages of a channel that are shown; older ones are for the Web API

export class World {
  /** @param {(what: object) => void} changed called after every change */
  constructor(changed) {
    this.changed = changed;
    this.messages = new Map(); // channel id -> Map(ts -> message), replies among them
    this.unread = new Map(); // channel id -> count
    this.loaded = new Set(); // "channel" or "channel/thread"
    this.connected = true;
  }

  async load() {
    this.state = await api.get("state");
    const people = this.people();
    const remembered = localStorage.getItem(ME);
    const wanted = new URLSearchParams(location.hash.slice(1)).get("as");
    this.user = people.find((p) => p.name === wanted) ?? people.find((p) => p.id === remembered) ?? people[0];
    this.become(this.user.id);
  }

  /** Sees the workspace through somebody else's eyes. */
  become(id) {
    this.user = this.state.users.find((user) => user.id === id) ?? this.user;
    localStorage.setItem(ME, this.user.id);
    this.messages.clear();
    this.loaded.clear();
    this.stopFollowing?.abort();
    this.stopFollowing = new AbortController();
    const { signal } = this.stopFollowing;
    const state = (connected) => this.setConnected(connected);
    const take = (event, seq) => {
      if (signal.aborted) return;
      this.state.seq = seq;
      this.take(event);
    };
    api.follow(this.user.id, this.state.seq, signal, take, state);
  }

  async setConnected(connected) {
    const before = this.connected;
    this.connected = connected;
    if (connected) await this.refresh();
    if (before !== connected) this.changed({});
  }

  /** What isn't told by events: whether the bot is there. */
  async refresh() {
    const { sockets, seq } = await api.get("state");
    Object.assign(this.state, { sockets, seq });
    this.changed({});
  }

  get me() { return this.user.id; }
  get tz() { return this.user.tz; }
  get myGroups() { return new Set(this.state.groups.filter((g) => g.members.includes(this.me)).map((g) => g.id)); }

  people() { return this.state.users.filter((user) => !user.is_bot); }
  channels() { return this.state.channels.filter((c) => !c.dm_with && c.members.includes(this.me)); }
  dm() { return this.state.channels.find((c) => c.dm_with === this.me); }
  channel(id) { return this.state.channels.find((c) => c.id === id); }
  userOf(id) { return this.state.users.find((user) => user.id === id); }
  userName(id) { const user = this.userOf(id); return user && (user.is_bot ? user.real_name : user.name); }
  groupName(id) { return this.state.groups.find((g) => g.id === id)?.handle; }
  channelName(id) { return this.channel(id)?.name; }

  of(channel) {
    if (!this.messages.has(channel)) this.messages.set(channel, new Map());
    return this.messages.get(channel);
  }

  async open(channel, thread) {
    const key = thread ? `${channel}/${thread}` : channel;
    if (!this.loaded.has(key)) {
      const messages = await api.get("messages", { as: this.me, channel, ...(thread ? { thread_ts: thread } : { limit: NEWEST }) });
      for (const message of messages) this.of(channel).set(message.ts, message);
      this.loaded.add(key);
    }
    this.changed({});
  }

  timeline(channel) {
    return sorted([...this.of(channel).values()].filter((m) => !m.thread_ts || m.thread_ts === m.ts || m.subtype === "thread_broadcast"));
  }

  thread(channel, ts) {
    return sorted([...this.of(channel).values()].filter((m) => m.ts === ts || m.thread_ts === ts));
  }

  take(event) {
    if (event.type === "home" || event.type === "modal") return this.changed({ [event.type]: event.view ?? null });
    if (event.type === "reset") {
      this.become(this.me);
      return this.changed({ reset: true });
    }
    const all = this.of(event.channel);
    if (event.type === "deleted") {
      this.countReply(all.get(event.ts), all, -1);
      all.delete(event.ts);
    } else {
      const known = all.get(event.message.ts);
      if (known?.reply_count && !event.message.reply_count && known.ts === event.message.ts) keepThread(event.message, known);
      all.set(event.message.ts, event.message);
      if (!known && event.type === "posted") this.countReply(event.message, all, 1);
    }
    this.changed({ event, fresh: event.type === "posted" && event.message.user !== this.me });
  }

  /** Events tell about the reply; its parent's count is kept here. */
  countReply(reply, all, by) {
    const parent = reply?.thread_ts && reply.thread_ts !== reply.ts && !reply.is_ephemeral && all.get(reply.thread_ts);
    if (!parent) return;
    parent.reply_count = Math.max(0, (parent.reply_count ?? 0) + by);
    parent.thread_ts = parent.ts;
    if (by > 0) {
      parent.latest_reply = reply.ts;
      parent.reply_users = [...new Set([...(parent.reply_users ?? []), reply.user])];
    }
  }
}

const sorted = (messages) => messages.sort((a, b) => (a.ts < b.ts ? -1 : 1));

function keepThread(message, known) {
  for (const field of ["reply_count", "latest_reply", "reply_users", "thread_ts"]) message[field] = known[field];
}
