// Small helpers that make elements. Text always goes in as text, never as HTML.

export const $ = (selector, root = document) => root.querySelector(selector);

// el("button", {class: "icon", onclick: f, "aria-label": "Copy"}, "text", child)
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `icons.svg#${name}`);
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}

export function icon_button(name, label, onclick, attributes = {}) {
  return el("button", { type: "button", class: "icon small", "aria-label": label, title: label, onclick, ...attributes },
    icon(name));
}

// Grows a textarea with its text. (The stylesheet limits its height.)
export function fit(textarea) {
  textarea.style.height = "auto";
  textarea.style.height = `${textarea.scrollHeight + 2}px`;
}

let toast_timer = 0;
// A note that goes away by itself; action: {label, run} puts a button into it.
export function toast(message, action = null) {
  const box = $("#toast");
  box.replaceChildren(message);
  if (action) {
    const run = () => { box.hidden = true; action.run(); };
    box.append(el("button", { type: "button", onclick: run }, action.label));
  }
  box.hidden = false;
  clearTimeout(toast_timer);
  toast_timer = setTimeout(() => { box.hidden = true; }, action ? 8000 : 4000);
}

// Says something to screen readers.
export function announce(message) {
  $("#live").textContent = message;
}
