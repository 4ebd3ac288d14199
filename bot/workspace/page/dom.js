// Making elements. Text only ever becomes text nodes: there is no way from data to markup.

/** @param {string} tag @param {object} props class, testid, text, on (events), data, and attributes @param {...(Node|string|null)} children */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") node.className = value;
    else if (name === "testid") node.dataset.testid = value;
    else if (name === "text") node.textContent = value;
    else if (name === "on") for (const [event, run] of Object.entries(value)) node.addEventListener(event, run);
    else if (name === "data") Object.assign(node.dataset, value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export const byId = (id) => document.getElementById(id);

/** A link that can't do anything but lead somewhere, or just its words where the address is of another kind. */
export function link(address, words) {
  let url;
  try {
    url = new URL(address);
  } catch {
    return document.createTextNode(words);
  }
  if (!["http:", "https:", "mailto:"].includes(url.protocol)) return document.createTextNode(words);
  return el("a", { href: url.href, target: "_blank", rel: "noopener noreferrer", text: words });
}

/** The children become `nodes`, in order; those that are there already are moved, not made anew. */
export function reconcile(parent, nodes) {
  let place = parent.firstChild;
  for (const node of nodes) {
    if (node === place) place = place.nextSibling;
    else parent.insertBefore(node, place);
  }
  while (place) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
}
