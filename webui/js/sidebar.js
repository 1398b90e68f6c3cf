// The list of conversations: choose, search, rename, delete.

import { $, el, icon_button, toast } from "./dom.js";
import { find_conversations, remove_conversation, save_conversation } from "./store.js";
import { text } from "./strings.js";

const list = $("#conversations");
export const sidebar_actions = { choose: null, removed: null, restored: null };
let current = null;

function rename(conversation, item) {
  const field = el("input", { type: "text", "aria-label": text("rename") });
  field.value = conversation.title;
  let over = false;
  const close = (keep) => {
    if (over) return;
    over = true;
    if (keep && field.value.trim()) {
      conversation.title = field.value.trim();
      save_conversation(conversation);
    }
    show_sidebar(current);
    if (current === conversation.id) sidebar_actions.choose(conversation.id);
  };
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter") close(true);
    if (event.key === "Escape") { event.stopPropagation(); close(false); }
  });
  field.addEventListener("blur", () => close(true));
  item.replaceChildren(field);
  field.select();
}

function remove(conversation) {
  remove_conversation(conversation.id);
  sidebar_actions.removed(conversation.id);
  toast(text("removed", { title: conversation.title || text("untitled") }), {
    label: text("undo"),
    run: () => {
      sidebar_actions.restored(conversation.id);
      save_conversation(conversation);
      show_sidebar(current);
    },
  });
}

function item_of(conversation) {
  const item = el("li", { class: conversation.id === current ? "current" : null });
  item.append(
    el("button", {
      type: "button", class: "choose", "aria-current": conversation.id === current ? "true" : null,
      onclick: () => sidebar_actions.choose(conversation.id),
    }, conversation.title || text("untitled")),
    icon_button("edit", text("rename"), () => rename(conversation, item)),
    icon_button("remove", text("remove"), () => remove(conversation)));
  return item;
}

export function show_sidebar(id) {
  current = id;
  const query = $("#search").value;
  const found = find_conversations(query);
  list.replaceChildren(...found.map(item_of));
  if (found.length === 0 && query.trim()) list.append(el("li", { class: "quiet" }, text("nothing_found")));
}

const on_phone = matchMedia("(max-width: 50rem)");
export function open_sidebar(open) {
  document.body.classList.toggle("sidebar-open", open);
  $("#shade").hidden = !open;
  $("#open-sidebar").setAttribute("aria-expanded", String(open));
  $("#sidebar").inert = on_phone.matches && !open;
}
on_phone.addEventListener("change", () => open_sidebar(false));
