// Dates in the reader's time zone, in the forms that Slack's date tokens name.

const parts = (tz, options) => new Intl.DateTimeFormat("en-GB", { timeZone: tz, ...options });
const dayKey = (at, tz) => parts(tz, { year: "numeric", month: "2-digit", day: "2-digit" }).format(at);

/** The day in words, with "today" and its neighbours by name where `pretty` is asked for. */
function day(at, tz, options, pretty) {
  if (pretty) {
    const now = Date.now();
    for (const [name, offset] of [["today", 0], ["yesterday", -1], ["tomorrow", 1]]) {
      if (dayKey(at, tz) === dayKey(now + offset * 86_400_000, tz)) return name;
    }
  }
  return parts(tz, options).format(at);
}

const LONG = { weekday: "long", day: "numeric", month: "long", year: "numeric" };
const MIDDLE = { day: "numeric", month: "long", year: "numeric" };
const SHORT = { day: "numeric", month: "short", year: "numeric" };

/** Fills in a date token's format, or `undefined` if the instant makes no sense. */
export function date(seconds, format, tz) {
  const at = seconds * 1000;
  if (!Number.isFinite(at) || Math.abs(at) > 8.64e15) return undefined;
  const words = {
    date: () => day(at, tz, MIDDLE), date_pretty: () => day(at, tz, MIDDLE, true),
    date_short: () => day(at, tz, SHORT), date_short_pretty: () => day(at, tz, SHORT, true),
    date_long: () => day(at, tz, LONG), date_long_pretty: () => day(at, tz, LONG, true),
    date_num: () => parts(tz, { year: "numeric", month: "2-digit", day: "2-digit" }).format(at).split("/").reverse().join("-"),
    time: () => clock(seconds, tz), time_secs: () => parts(tz, { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(at),
    ago: () => ago(seconds),
  };
  return format.replace(/\{(\w+)\}/g, (whole, name) => words[name]?.() ?? whole);
}

export const clock = (seconds, tz) => parts(tz, { hour: "2-digit", minute: "2-digit" }).format(seconds * 1000);
export const dayName = (seconds, tz) => {
  const name = day(seconds * 1000, tz, { weekday: "long", day: "numeric", month: "long" }, true);
  return name[0].toUpperCase() + name.slice(1);
};
export const fullTime = (seconds, tz) => parts(tz, { dateStyle: "full", timeStyle: "long" }).format(seconds * 1000);

export function ago(seconds) {
  const past = Math.max(0, Date.now() / 1000 - seconds);
  for (const [unit, size] of [["day", 86_400], ["hour", 3_600], ["minute", 60]]) {
    const count = Math.floor(past / size);
    if (count >= 1) return `${count} ${unit}${count > 1 ? "s" : ""} ago`;
  }
  return "just now";
}

/** Which local time an instant is in a zone, as the browser's inputs write it. */
export function toLocal(seconds, tz) {
  const day = parts(tz, { year: "numeric", month: "2-digit", day: "2-digit" }).format(seconds * 1000).split("/").reverse().join("-");
  return `${day}T${clock(seconds, tz)}`;
}

/** Which instant a local time means in a zone: the first that fits. */
export function toSeconds(local, tz) {
  const guess = Date.parse(`${local}:00Z`) / 1000;
  const off = Date.parse(`${toLocal(guess, tz)}:00Z`) / 1000 - guess;
  return guess - off;
}
