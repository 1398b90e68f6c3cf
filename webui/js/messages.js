// The messages of the branch that is shown: their elements, kept while they stay the same.

import { $, el, fit, icon_button } from "./dom.js";
import { copy, show_markdown } from "./markdown.js";
import { hide_alternatives, show_tokens } from "./probabilities.js";
import { number, text } from "./strings.js";
import { branch, show_sibling, siblings } from "./tree.js";

const list = $("#messages");

// What the page does when a button is pressed; app.js fills it in.
export const actions = { again: null, edit: null, switched: null };
// The view's state: the conversation, the answer being written (or null), whether to show tokens.
const view = { conversation: null, writing: null, tokens: false };

function versions(node) {
  const { all, at } = siblings(view.conversation, node);
  if (all.length < 2) return null;
  const go = (step) => () => {
    if (show_sibling(view.conversation, node, step)) actions.switched();
  };
  return el("span", { class: "versions", role: "group", "aria-label": text("version", { at: at + 1, all: all.length }) },
    icon_button("left", text("earlier_version"), go(-1), { disabled: at === 0 }),
    el("span", { class: "count" }, `${at + 1}/${all.length}`),
    icon_button("right", text("later_version"), go(1), { disabled: at === all.length - 1 }));
}

// "214 tokens · 31.4 tokens/s · first after 0.21 s"
function facts(node) {
  const parts = [];
  const count = node.usage?.completion_tokens;
  if (node.finish === "stopped") parts.push(text("stopped"));
  if (node.finish === "length") parts.push(text("cut"));
  if (count !== undefined) {
    parts.push(text("tokens", { n: number(count) }));
    const seconds = node.total_s - node.first_s;
    if (count > 1 && seconds > 0) parts.push(text("speed", { n: number((count - 1) / seconds, 1) }));
    parts.push(text("prompt_tokens", { n: number(node.usage.prompt_tokens) }));
  }
  if (node.first_s !== undefined) parts.push(text("first_token", { n: number(node.first_s, 2) }));
  if (node.model) parts.push(node.model);
  return parts.join(" · ");
}

function tools(node) {
  const copy_button = icon_button("copy", text("copy"), () => copy(node.content, copy_button));
  const bar = el("div", { class: "tools" }, versions(node), copy_button);
  if (node.role === "user") {
    bar.append(icon_button("edit", text("edit"), () => edit_message(node)));
  } else {
    bar.append(icon_button("again", text("again"), () => actions.again(node)));
    bar.append(el("span", { class: "facts" }, facts(node)));
  }
  return bar;
}

export function show_content(node) {
  const body = $(`#m-${node.id} .body`, list);
  if (!body) return;
  const writing = view.writing === node;
  body.parentElement.classList.toggle("writing", writing);
  if (node.role === "user") body.replaceChildren(el("p", { class: "plain" }, node.content));
  else if (view.tokens && !writing) show_tokens(body, node.tokens);
  else show_markdown(body, node.content, !writing);
  if (node.error) body.append(el("p", { class: "error", role: "alert" }, node.error));
}

function message(node) {
  const who = text(node.role === "user" ? "you" : "assistant");
  const article = el("article", { "aria-label": who }, el("div", { class: "body", dir: "auto" }));
  if (view.writing !== node) article.append(tools(node));
  return el("li", { id: `m-${node.id}`, class: node.role }, article);
}

// Shows the conversation's branch anew.
export function show_messages(conversation, writing, tokens) {
  Object.assign(view, { conversation, writing, tokens });
  hide_alternatives();
  const nodes = branch(conversation);
  list.replaceChildren(...nodes.map(message));
  nodes.forEach(show_content);
  $("#empty").hidden = nodes.length > 0;
}

// Puts a text field in a message's place; Enter or the button sends what it says as another version.
export function edit_message(node) {
  const article = $(`#m-${node.id} article`, list);
  if (!article) return;
  const field = el("textarea", { "aria-label": text("edit") });
  field.value = node.content;
  const close = () => { show_messages(view.conversation, view.writing, view.tokens); $("#input").focus(); };
  const send = () => { if (field.value.trim()) actions.edit(node, field.value.trim()); };
  field.addEventListener("input", () => fit(field));
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape") {
      event.stopPropagation();
      close();
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      send();
    }
  });
  article.replaceChildren(field, el("div", { class: "buttons" },
    el("button", { type: "button", onclick: close }, text("cancel")),
    el("button", { type: "button", class: "main", onclick: send }, text("save_and_send"))));
  article.classList.add("editing");
  fit(field);
  field.focus();
}
