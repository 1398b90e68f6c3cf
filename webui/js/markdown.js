// An answer's Markdown to DOM. An answer is not to be trusted, so it passes three gates:
//   1. HTML in it is shown as the text it is; images are not loaded, they become links;
//   2. DOMPurify lets through a short list of elements and attributes, and links to http, https and mailto;
//   3. the page's Content-Security-Policy runs no script and loads nothing that is not the server's own.
// Mathematics and code are drawn from the text of elements that passed. Where a library is missing the text
// itself is shown.

import { el, icon_button, toast } from "./dom.js";
import { text } from "./strings.js";

const MOST_CODE = 50_000;    // characters that are highlighted
const MOST_MATH = 5_000;

const TAGS = ["p", "br", "strong", "em", "del", "code", "pre", "ul", "ol", "li", "blockquote", "h1", "h2", "h3",
  "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td", "hr", "a", "span"];
const ALLOWED = {
  ALLOWED_TAGS: TAGS,
  ALLOWED_ATTR: ["href", "title", "class", "start", "align"],
  ALLOWED_URI_REGEXP: /^(?:https?|mailto):/i,
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  RETURN_DOM_FRAGMENT: true,
};

const escape_html = (raw) =>
  raw.replace(/[&<>"']/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" })[c]);

// $..$ as Pandoc has it: no space inside the dollars, no digit behind the second. \(..\), $$..$$, \[..\].
const inline_math = {
  name: "inline_math",
  level: "inline",
  start: (source) => source.match(/\$|\\\(/)?.index,
  tokenizer(source) {
    const found = /^\$\$([^$]+)\$\$/.exec(source) ?? /^\\\(([^\n]+?)\\\)/.exec(source) ??
      /^\$(?!\s)((?:\\.|[^$\\\n])+?)(?<!\s)\$(?!\d)/.exec(source);
    return found ? { type: "inline_math", raw: found[0], tex: found[1] } : undefined;
  },
  renderer: (token) => `<code class="math">${escape_html(token.tex)}</code>`,
};
const block_math = {
  name: "block_math",
  level: "block",
  start: (source) => source.match(/(?:^|\n)(?=\$\$|\\\[)/)?.index,
  tokenizer(source) {
    const found = /^\s*(?:\$\$([^$]+)\$\$|\\\[([^]+?)\\\])[ \t]*(?:\n|$)/.exec(source);
    return found ? { type: "block_math", raw: found[0], tex: found[1] ?? found[2] } : undefined;
  },
  renderer: (token) => `<p><code class="math block">${escape_html(token.tex)}</code></p>`,
};

let ready = false;
function set_up() {
  if (ready) return;
  ready = true;
  // Debian 12's DOMPurify (2.4.1+dfsg+~2.4.0-2+deb12u1) reads, in sanitize(), a variable that only another
  // function has, and throws at any HTML. Given one, it goes on as it was meant to.
  try {
    DOMPurify.sanitize("<b></b>");
  } catch {
    globalThis.shadowNode = { __depth: 0 };
  }
  marked.use({
    gfm: true,
    breaks: false,
    extensions: [block_math, inline_math],
    renderer: {
      html: (raw) => escape_html(raw),
      image: (href, title, alt) =>
        `<a href="${escape_html(href ?? "")}" title="${escape_html(title ?? "")}">${alt || escape_html(href ?? "")}</a>`,
      checkbox: (checked) => (checked ? "☑ " : "☐ "),
    },
  });
}

// Libraries that few answers need come with the first that does.
const loads = new Map();
function load(path, style = null) {
  if (!loads.has(path)) {
    if (style) document.head.append(el("link", { rel: "stylesheet", href: style }));
    loads.set(path, new Promise((resolve) => {
      document.head.append(el("script", { src: path, onload: () => resolve(true), onerror: () => resolve(false) }));
    }));
  }
  return loads.get(path);
}

async function draw_math(element) {
  const tex = element.textContent;
  if (tex.length > MOST_MATH || !(await load("vendor/katex.js", "vendor/katex.css"))) return;
  const drawn = el("span", { class: element.className });
  try {
    // trust: false: no links, images or attributes of the answer's own.
    katex.render(tex, drawn, {
      displayMode: element.classList.contains("block"), throwOnError: true, trust: false, strict: "ignore",
      maxExpand: 200, maxSize: 20,
    });
    element.replaceWith(drawn);
  } catch {
    element.classList.add("wrong");  // the source stays
  }
}

async function draw_code(element) {
  const code = element.textContent;
  const name = /(?:^| )language-([\w+#.-]+)/.exec(element.className)?.[1]?.toLowerCase();
  if (!name || code.length > MOST_CODE || !(await load("vendor/highlight.js"))) return;
  if (!hljs.getLanguage(name)) return;
  const spans = { ALLOWED_TAGS: ["span"], ALLOWED_ATTR: ["class"], RETURN_DOM_FRAGMENT: true };
  element.replaceChildren(DOMPurify.sanitize(hljs.highlight(name, code, true).value, spans));
}

export async function copy(value, button) {
  try {
    await navigator.clipboard.writeText(value);
  } catch {
    // Plain HTTP from another machine: browsers give no clipboard there.
    const area = el("textarea", { class: "hidden" });
    area.value = value;
    (button.closest("dialog") ?? document.body).append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    if (!done) return toast(text("cannot_copy"));
  }
  button.classList.add("done");
  setTimeout(() => button.classList.remove("done"), 1200);
  toast(text("copied"));
}

function add_code_tools(pre) {
  const code = pre.querySelector("code") ?? pre;
  const name = /(?:^| )language-([\w+#.-]+)/.exec(code.className)?.[1] ?? "";
  const source = code.textContent;
  const button = icon_button("copy", text("copy_code"), () => copy(source.replace(/\n$/, ""), button));
  const box = el("div", { class: "code" }, el("div", { class: "bar" }, el("span", {}, name), button));
  pre.replaceWith(box);
  pre.tabIndex = 0;  // long lines are scrolled by keyboard
  box.append(pre);
}

// Shows `source` in `element`. finished: draws mathematics and code, which half an answer would flicker with.
export function show_markdown(element, source, finished) {
  if (!globalThis.marked || !globalThis.DOMPurify) {
    element.replaceChildren(el("p", { class: "plain" }, source));
    return;
  }
  set_up();
  let fragment;
  try {
    fragment = DOMPurify.sanitize(marked.parse(source, { mangle: false, headerIds: false }), ALLOWED);
  } catch {
    element.replaceChildren(el("p", { class: "plain" }, source));
    return;
  }
  for (const link of fragment.querySelectorAll("a")) {
    link.rel = "noopener noreferrer nofollow";
    link.target = "_blank";
  }
  for (const table of fragment.querySelectorAll("table")) {
    const box = el("div", { class: "table", tabindex: "0" });
    table.replaceWith(box);
    box.append(table);
  }
  fragment.querySelectorAll("pre").forEach(add_code_tools);
  element.replaceChildren(fragment);
  if (!finished && !loads.has("vendor/katex.js")) return;
  element.querySelectorAll("code.math").forEach(draw_math);
  if (finished) element.querySelectorAll("pre code").forEach(draw_code);
}
