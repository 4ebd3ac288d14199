// Talking to the workspace: calls, and the stream of events. The control token comes in the address's fragment, which
// browsers send to nobody, and is kept for this address only.

const KEY = "gantry-control-token";

function takeToken() {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const given = fragment.get("token");
  if (given) {
    localStorage.setItem(KEY, given);
    fragment.delete("token");
    history.replaceState(null, "", location.pathname + (fragment.size ? `#${fragment}` : ""));
  }
  return localStorage.getItem(KEY) ?? "";
}

const token = takeToken();

export class Refused extends Error {}

async function send(path, options = {}) {
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  let response;
  try {
    response = await fetch(`/_/${path}`, { ...options, headers, cache: "no-store" });
  } catch {
    throw new Refused("The workspace doesn't answer. Is it still running?");
  }
  if (!response.ok) {
    const body = await response.json().catch(() => ({}));
    throw new Refused(body.message ?? `The workspace answered ${response.status}.`);
  }
  return response;
}

export const get = async (path, query = {}) => (await send(`${path}?${new URLSearchParams(query)}`)).json();
export const post = async (path, body) => (await send(path, { method: "POST", body: JSON.stringify(body) })).json();

/** Follows events until `signal` aborts; comes back by itself after a break. `onState(connected)` tells how it is. */
export async function follow(as, after, signal, onEvent, onState) {
  let seq = after;
  for (let wait = 250; !signal.aborted; wait = Math.min(wait * 2, 5000)) {
    try {
      const response = await send(`events?${new URLSearchParams({ as, after: seq })}`, { signal });
      onState(true);
      wait = 250;
      for await (const frame of frames(response.body)) {
        seq = frame.id ?? seq;
        if (frame.data) onEvent(JSON.parse(frame.data), Number(seq));
      }
    } catch {
      // A break, whatever its reason: the next round says whether it lasts.
    }
    if (signal.aborted) return;
    onState(false);
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

async function* frames(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    buffer += value;
    let end;
    while ((end = buffer.indexOf("\n\n")) >= 0) {
      const lines = buffer.slice(0, end).split("\n");
      buffer = buffer.slice(end + 2);
      const field = (name) => lines.find((line) => line.startsWith(`${name}:`))?.slice(name.length + 1).trim();
      yield { id: field("id"), data: field("data") };
    }
  }
}
