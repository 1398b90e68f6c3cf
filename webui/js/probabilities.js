// An answer as its tokens, each with how likely it was, and the alternatives of the one under the pointer.

import { $, el } from "./dom.js";
import { number, text } from "./strings.js";

// The API's logprobs to what a conversation keeps: {t: text, b: bytes, p: logprob, top: [[text, logprob]]}.
export function kept_tokens(logprobs) {
  return logprobs.map((token) => ({
    t: token.token,
    b: token.bytes ?? null,
    p: token.logprob,
    top: (token.top_logprobs ?? []).map((other) => [other.token, other.logprob]),
  }));
}

// The tokens that an answer's text is made of: those of a stop text come too, but say nothing.
export function tokens_of(tokens, content) {
  const encoder = new TextEncoder();
  const size = (token) => token.b?.length ?? encoder.encode(token.t).length;
  const all = tokens.map((token) => token.t).join("");
  let rest = encoder.encode(content).length + all.length - all.trimStart().length;
  return tokens.filter((token) => {
    const needed = rest > 0;
    rest -= size(token);
    return needed;
  });
}

const decoder = new TextDecoder("utf-8", { fatal: true });
const decoded = (bytes) => {
  try {
    return decoder.decode(Uint8Array.from(bytes));
  } catch {
    return null;
  }
};

// Tokens in groups that are whole characters: one token each, but for characters of several tokens.
function groups(tokens) {
  const result = [];
  let open = [];
  for (const token of tokens) {
    open.push(token);
    const bytes = open.flatMap((each) => each.b ?? Array.from(new TextEncoder().encode(each.t)));
    const characters = decoded(bytes);
    if (characters === null && open.length < 4) continue;
    result.push({ tokens: open, text: characters ?? open.map((each) => each.t).join("") });
    open = [];
  }
  if (open.length > 0) result.push({ tokens: open, text: open.map((each) => each.t).join("") });
  return result;
}

// 0 (certain) .. 4 (unlikely): the stylesheet's five shades.
const shade = (probability) => [0.9, 0.6, 0.3, 0.1].filter((bar) => probability < bar).length;
const percent = (logprob) => `${number(100 * Math.exp(logprob), 1)} %`;
const shown = (token) => (/^\s*$/.test(token) ? JSON.stringify(token) : token.replaceAll("\n", "↵"));

function show_alternatives(span, tokens) {
  const box = $("#alternatives");
  box.replaceChildren(...tokens.map((token) => {
    const chosen = token.top.some(([other]) => other === token.t) ? token.top : [[token.t, token.p], ...token.top];
    return el("table", {}, el("tbody", {}, ...chosen.map(([other, logprob]) => {
      const meter = el("meter", { min: "0", max: "1", value: String(Math.exp(logprob)), "aria-hidden": "true" });
      return el("tr", { class: other === token.t ? "chosen" : null },
        el("td", { class: "token" }, shown(other)), el("td", {}, meter), el("td", { class: "number" }, percent(logprob)));
    })));
  }));
  box.hidden = false;
  const place = span.getBoundingClientRect();
  const left = Math.max(8, Math.min(place.left, innerWidth - box.offsetWidth - 8));
  const above = place.top - box.offsetHeight - 6;
  box.style.left = `${left}px`;
  box.style.top = `${above > 8 ? above : place.bottom + 6}px`;
}

export function hide_alternatives() {
  $("#alternatives").hidden = true;
}

// Shows the tokens in `element`: hover, touch or focus a token for its alternatives; arrow keys walk.
export function show_tokens(element, tokens) {
  if (!tokens?.length) {
    element.replaceChildren(el("p", { class: "quiet" }, text("no_probabilities")));
    return;
  }
  const line = el("p", { class: "plain tokens" });
  for (const group of groups(tokens)) {
    const logprob = group.tokens.reduce((sum, token) => sum + token.p, 0);
    const span = el("span", {
      class: `p${shade(Math.exp(logprob))}`, tabindex: line.childElementCount === 0 ? "0" : "-1",
      "aria-label": `${group.text} ${percent(logprob)}`,
    }, group.text);
    const show = () => show_alternatives(span, group.tokens);
    span.addEventListener("pointerenter", show);
    span.addEventListener("focus", show);
    span.addEventListener("pointerleave", hide_alternatives);
    span.addEventListener("blur", hide_alternatives);
    line.append(span);
  }
  line.addEventListener("keydown", (event) => {
    const next = { ArrowRight: "nextElementSibling", ArrowLeft: "previousElementSibling" }[event.key];
    const to = next && event.target[next];
    if (!to) return;
    event.preventDefault();
    event.target.tabIndex = -1;
    to.tabIndex = 0;
    to.focus();
  });
  element.replaceChildren(line);
}
