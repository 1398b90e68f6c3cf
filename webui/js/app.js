// The page: which conversation is shown, what is being written, and what keys and buttons do.

import * as api from "./api.js";
import { $, announce, el, fit, toast } from "./dom.js";
import { export_json, export_markdown } from "./export.js";
import { actions, edit_message, show_content, show_messages } from "./messages.js";
import { kept_tokens, tokens_of } from "./probabilities.js";
import { open_settings, request_fields } from "./settings.js";
import { open_sidebar, show_sidebar, sidebar_actions } from "./sidebar.js";
import * as store from "./store.js";
import { language, languages, set_language, text, translate } from "./strings.js";
import { add_node, branch, new_conversation, path_to } from "./tree.js";

const input = $("#input");
const scroll = $("#scroll");
let current = new_conversation("");  // the conversation that is shown; kept from its first message on
const removed = new Set();           // ids of conversations that were deleted here
let writing = null;                  // {conversation, node, controller} while an answer comes

// --- showing ---------------------------------------------------------------------------------------------

const at_end = () => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 60;
const to_end = () => { scroll.scrollTop = scroll.scrollHeight; };

function show() {
  show_messages(current, writing?.conversation === current ? writing.node : null, !!store.settings().probabilities);
  $("#title").textContent = current.title;
  document.title = current.title ? `${current.title} – Aurora` : "Aurora";
  $("#send").hidden = writing !== null;
  $("#stop").hidden = writing === null;
  $("#export").hidden = current.shown === null;
  $("#probabilities").setAttribute("aria-pressed", String(!!store.settings().probabilities));
  show_sidebar(current.id);
}

function keep(conversation) {
  if (removed.has(conversation.id)) return;
  conversation.updated = Date.now();
  if (!store.save_conversation(conversation)) toast(text("storage_full"));
}

function open_conversation(conversation) {
  current = conversation;
  store.save_preference("current", conversation.id);
  if (conversation.model && $(`#model option[value="${CSS.escape(conversation.model)}"]`))
    $("#model").value = conversation.model;
  open_sidebar(false);
  show();
  to_end();
  input.focus();
}

const open_new = () => open_conversation(new_conversation($("#model").value, store.preference("system") ?? ""));

// --- answers ---------------------------------------------------------------------------------------------

function messages_for(conversation, node) {
  const messages = path_to(conversation, node).filter((each) => each.content !== "")
    .map(({ role, content }) => ({ role, content }));
  if (conversation.system) messages.unshift({ role: "system", content: conversation.system });
  return messages;
}

// Draws what has come, not more often than the page can: a long answer takes longer to draw.
function painter(node) {
  let due = false;
  let pause = 0;
  return () => {
    if (due) return;
    due = true;
    setTimeout(() => requestAnimationFrame(() => {
      due = false;
      if (writing?.node !== node || writing.conversation !== current) return;
      const follow = at_end();
      const begin = performance.now();
      show_content(node);
      pause = Math.min(1000, 3 * (performance.now() - begin));
      if (follow) to_end();
    }), pause);
  };
}

// Asks for an answer to the user's message `question`.
async function answer(conversation, question) {
  if (writing) return;
  const node = add_node(conversation, question.id, "assistant", "");
  const controller = new AbortController();
  node.model = $("#model").value;
  conversation.model = node.model;
  writing = { conversation, node, controller };
  keep(conversation);
  show();
  to_end();
  announce(text("writing"));
  const start = performance.now();
  const seconds = () => Math.round(performance.now() - start) / 1000;
  const paint = painter(node);
  const tokens = [];
  try {
    const body = { model: node.model, messages: messages_for(conversation, question), ...request_fields() };
    const result = await api.chat(body, controller.signal, (piece, logprobs) => {
      if (node.first_s === undefined && (piece || logprobs.length)) node.first_s = seconds();
      node.content = (node.content + piece).trimStart();
      tokens.push(...kept_tokens(logprobs));
      if (piece) paint();
    });
    node.finish = result.finish;
    if (result.usage) node.usage = result.usage;
  } catch (error) {
    node.finish = error.name === "AbortError" ? "stopped" : "error";
    if (node.finish === "error") node.error = error.message;
    if (error.status === 401) ask_for_key();
  }
  node.total_s = seconds();
  if (tokens.length) node.tokens = tokens_of(tokens, node.content);
  writing = null;
  keep(conversation);
  const follow = at_end();
  show();
  if (follow && conversation === current) to_end();
  announce(node.error ?? text("answer_done", { answer: node.content.slice(0, 2000) }));
}

function send(words, parent = branch(current).at(-1)?.id ?? null) {
  if (writing) return;
  const question = add_node(current, parent, "user", words);
  if (!current.title) current.title = words.split("\n")[0].slice(0, 60);
  store.save_preference("current", current.id);
  answer(current, question);
}

const stop = () => writing?.controller.abort();

actions.switched = () => { keep(current); show(); };
actions.again = (node) => answer(current, current.nodes[node.parent]);
actions.edit = (node, words) => { if (!writing) { send(words, node.parent); input.focus(); } };

// --- models, key, settings -------------------------------------------------------------------------------

function ask_for_key() {
  open_settings(current.system, saved_settings, true);
}

function saved_settings(system) {
  current.system = system;
  store.save_preference("system", system);
  if (current.shown !== null) keep(current);
  load_models();
  show();
}

async function load_models() {
  const select = $("#model");
  let names = [];
  try {
    names = (await api.models()).map((model) => model.id);
  } catch (error) {
    if (error.status === 401) ask_for_key();
    else toast(error.message);
  }
  const wanted = current.model || select.value || store.preference("model");
  select.replaceChildren(...(names.length ? names : [""]).map((name) =>
    el("option", { value: name }, name || text("no_model"))));
  if (names.includes(wanted)) select.value = wanted;
  select.disabled = names.length < 2;
}

function toggle_probabilities() {
  const values = store.settings();
  values.probabilities = !values.probabilities;
  store.save_settings(values);
  show();
}

// --- language and colours --------------------------------------------------------------------------------

function show_theme() {
  const button = $("#theme");
  button.title = text(`theme_${store.theme()}`);
  button.setAttribute("aria-label", button.title);
}

function next_theme() {
  const order = ["auto", "light", "dark"];
  const next = order[(order.indexOf(store.theme()) + 1) % order.length];
  document.documentElement.dataset.theme = next;
  store.save_theme(next);
  show_theme();
}

function speak(code) {
  set_language(code);
  translate();
  show_theme();
  $("#examples").replaceChildren(...["example_1", "example_2", "example_3"].map((key) =>
    el("button", { type: "button", onclick: () => send(text(key)) }, text(key))));
  $("#language").value = language();
  show();
}

// --- keys and buttons ------------------------------------------------------------------------------------

function on_key(event) {
  if (event.isComposing) return;
  if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k") {
    event.preventDefault();
    open_new();
  } else if (event.key === "Escape") {
    if (document.body.classList.contains("sidebar-open")) open_sidebar(false);
    else if ($("#export").open) $("#export").open = false;
    else if (!$("#settings").open) stop();
  }
}

function on_input_key(event) {
  if (event.isComposing || event.keyCode === 229) return;  // Enter that ends a Japanese word
  if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    $("#composer").requestSubmit();
  } else if (event.key === "ArrowUp" && input.value === "" && !writing) {
    const last = branch(current).filter((node) => node.role === "user").at(-1);
    if (!last) return;
    event.preventDefault();
    edit_message(last);
  }
}

function listen() {
  document.addEventListener("keydown", on_key);
  input.addEventListener("keydown", on_input_key);
  input.addEventListener("input", () => fit(input));
  $("#composer").addEventListener("submit", (event) => {
    event.preventDefault();
    const words = input.value.trim();
    if (!words || writing) return;
    input.value = "";
    fit(input);
    send(words);
  });
  $("#stop").addEventListener("click", () => { stop(); input.focus(); });
  $("#new-chat").addEventListener("click", open_new);
  $("#search").addEventListener("input", () => show_sidebar(current.id));
  $("#open-sidebar").addEventListener("click", () => open_sidebar(true));
  $("#shade").addEventListener("click", () => open_sidebar(false));
  $("#open-settings").addEventListener("click", () => open_settings(current.system, saved_settings));
  $("#probabilities").addEventListener("click", toggle_probabilities);
  $("#theme").addEventListener("click", next_theme);
  $("#language").addEventListener("change", (event) => {
    store.save_preference("language", event.target.value);
    speak(event.target.value);
  });
  $("#model").addEventListener("change", (event) => {
    store.save_preference("model", event.target.value);
    current.model = event.target.value;
  });
  const exported = (run) => () => { run(current); $("#export").open = false; };
  $("#export-markdown").addEventListener("click", exported(export_markdown));
  $("#export-json").addEventListener("click", exported(export_json));
  document.addEventListener("click", (event) => {
    if (!$("#export").contains(event.target)) $("#export").open = false;
  });
  scroll.addEventListener("scroll", () => { $("#to-end").hidden = at_end(); }, { passive: true });
  $("#to-end").addEventListener("click", to_end);
}

sidebar_actions.choose = (id) => {
  const conversation = store.conversation(id);
  if (conversation) open_conversation(conversation);
};
sidebar_actions.restored = (id) => removed.delete(id);
sidebar_actions.removed = (id) => {
  removed.add(id);
  if (writing?.conversation.id === id) stop();
  if (current.id === id) open_new();
  else show_sidebar(current.id);
};

store.load_conversations();
$("#language").append(...Object.entries(languages).map(([code, name]) => el("option", { value: code, lang: code }, name)));
listen();
open_sidebar(false);
current = store.conversation(store.preference("current")) ?? new_conversation("", store.preference("system") ?? "");
speak(store.preference("language"));
to_end();
input.focus();
load_models();
document.body.dataset.ready = "true";
