// What the browser keeps: conversations, one entry each, and the settings. Nothing leaves it but requests.

const PREFIX = "aurora.chat.";
const cache = new Map();  // id -> conversation; the page's only copies

function read(name, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(name)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

// False: full or forbidden.
function write(name, value) {
  try {
    localStorage.setItem(name, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

function remove(storage, name) {
  try {
    storage().removeItem(name);
  } catch {
    // Forbidden storage holds nothing.
  }
}

export function load_conversations() {
  let names = [];
  try {
    names = Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));
  } catch {
    return;
  }
  for (const name of names) {
    const conversation = read(name, null);
    if (conversation?.id && conversation.nodes && !cache.has(conversation.id)) cache.set(conversation.id, conversation);
  }
}

// Newest first.
export const conversations = () => [...cache.values()].sort((a, b) => b.updated - a.updated);
export const conversation = (id) => cache.get(id);

export function save_conversation(conversation) {
  cache.set(conversation.id, conversation);
  return write(PREFIX + conversation.id, conversation);
}

export function remove_conversation(id) {
  cache.delete(id);
  remove(() => localStorage, PREFIX + id);
}

// Those whose title or messages hold every word.
export function find_conversations(query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return conversations().filter((conversation) => {
    const all = [conversation.title, ...Object.values(conversation.nodes).map((node) => node.content)]
      .join("\n").toLowerCase();
    return words.every((word) => all.includes(word));
  });
}

// Settings: {temperature, top_p, top_k, min_p, max_tokens, seed (numbers or null), stop: [text], probabilities}
export const settings = () => read("aurora.settings", {});
export const save_settings = (values) => write("aurora.settings", values);

export const preference = (name) => read(`aurora.${name}`, null);
export const save_preference = (name, value) => write(`aurora.${name}`, value);

// The theme is read by theme.js before modules run, as plain text.
export function save_theme(theme) {
  try {
    localStorage.setItem("aurora.theme", theme);
  } catch {
    // Then it lasts as long as the page.
  }
}
export const theme = () => document.documentElement.dataset.theme;

let key_here = "";  // where even the session's storage is forbidden
export function api_key() {
  try {
    return localStorage.getItem("aurora.key") ?? sessionStorage.getItem("aurora.key") ?? key_here;
  } catch {
    return key_here;
  }
}
export function key_is_kept() {
  try {
    return localStorage.getItem("aurora.key") !== null;
  } catch {
    return false;
  }
}
export function save_key(key, keep) {
  key_here = key;
  remove(() => localStorage, "aurora.key");
  remove(() => sessionStorage, "aurora.key");
  try {
    if (key) (keep ? localStorage : sessionStorage).setItem("aurora.key", key);
  } catch {
    // key_here has it.
  }
}
