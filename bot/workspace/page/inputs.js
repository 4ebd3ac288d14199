// What people fill in: one control for each kind of Slack's input elements, which tells its value as the workspace takes it.

import { el } from "./dom.js";
import { emojiText } from "./mrkdwn.js";
import { toSeconds, toLocal } from "./time.js";

/** @returns {{node: Node, focus: Node, value: () => (string|number|string[])}|null} null where this page has no control for it. */
export function input(element, id, world) {
  const make = KINDS[element.type];
  return make ? make(element, id, world) : null;
}

const words = (object) => emojiText(object?.text);
const of = (node) => ({ node, focus: node, value: () => node.value });

const line = (type, more = {}) => (element, id) => of(el("input", {
  id, type, class: "field-input", placeholder: words(element.placeholder) || null, value: element.initial_value ?? element.initial_date ?? element.initial_time,
  maxlength: element.max_length, minlength: element.min_length, autocomplete: "off", ...more,
}));

function text(element, id, world) {
  if (!element.multiline) return line("text")(element, id, world);
  return of(el("textarea", { id, class: "field-input", rows: 3, maxlength: element.max_length, placeholder: words(element.placeholder) || null, text: element.initial_value }));
}

const options = (element) => (element.option_groups ? element.option_groups.flatMap((group) => group.options) : element.options) ?? [];

function select(list, chosen, placeholder, id, multiple) {
  const option = ({ text, value }) => el("option", { value, selected: chosen.includes(value), text });
  const none = multiple ? [] : [el("option", { value: "", selected: !chosen.length, text: placeholder || "Choose…" })];
  const node = el("select", { id, class: "field-input", multiple, size: multiple ? Math.min(list.length, 6) : null }, ...none, ...list.map(option));
  return multiple ? { ...of(node), value: () => [...node.selectedOptions].map((option) => option.value) } : of(node);
}

const choices = (element) => options(element).map((option) => ({ text: words(option.text), value: option.value }));
const initial = (element) => [element.initial_option, ...(element.initial_options ?? [])].filter(Boolean).map((option) => option.value);
const chosen = (multiple) => (element, id) => select(choices(element), initial(element), words(element.placeholder), id, multiple);

function boxes(type) {
  return (element, id) => {
    const one = (option, index) => {
      const box = el("input", { type, name: id, id: index ? null : id, value: option.value, checked: initial(element).includes(option.value) });
      const about = option.description && el("span", { class: "field-about", text: words(option.description) });
      return el("label", { class: "field-choice" }, box, el("span", {}, el("span", { text: words(option.text) }), about));
    };
    const node = el("div", { class: "field-choices", role: type === "radio" ? "radiogroup" : "group" }, ...options(element).map(one));
    const picked = () => [...node.querySelectorAll("input:checked")].map((box) => box.value);
    return { node, focus: node.querySelector("input"), value: () => (type === "radio" ? picked()[0] ?? "" : picked()) };
  };
}

const people = (world) => world.people().map((user) => ({ text: user.name, value: user.id }));
const channels = (world) => world.channels().map((channel) => ({ text: `#${channel.name}`, value: channel.id }));
const known = (list, field, multiple) => (element, id, world) => select(list(world), [element[field]].flat().filter(Boolean), words(element.placeholder), id, multiple);

function moment(element, id, world) {
  const start = element.initial_date_time;
  const node = el("input", { id, type: "datetime-local", class: "field-input", value: start ? toLocal(start, world.tz) : null });
  return { node, focus: node, value: () => (node.value ? toSeconds(node.value, world.tz) : "") };
}

const KINDS = {
  plain_text_input: text,
  email_text_input: line("email"),
  url_text_input: line("url"),
  number_input: line("number", { step: "any" }),
  static_select: chosen(false),
  multi_static_select: chosen(true),
  radio_buttons: boxes("radio"),
  checkboxes: boxes("checkbox"),
  datepicker: line("date"),
  timepicker: line("time"),
  datetimepicker: moment,
  users_select: known(people, "initial_user", false),
  multi_users_select: known(people, "initial_users", true),
  channels_select: known(channels, "initial_channel", false),
  conversations_select: known(channels, "initial_conversation", false),
};
