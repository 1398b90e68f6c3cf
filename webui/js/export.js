// Conversations as files.

import { el } from "./dom.js";
import { text } from "./strings.js";
import { branch } from "./tree.js";

function save(name, type, content) {
  const url = URL.createObjectURL(new Blob([content], { type }));
  el("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

function file_name(conversation, ending) {
  const title = conversation.title.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-+|-+$/g, "").slice(0, 60);
  return `${title || "chat"}.${ending}`;
}

// The branch that is shown.
export function as_markdown(conversation) {
  const parts = [`# ${conversation.title || text("untitled")}`];
  if (conversation.system) parts.push(`> ${conversation.system.replaceAll("\n", "\n> ")}`);
  for (const node of branch(conversation)) {
    parts.push(`## ${text(node.role === "user" ? "you" : "assistant")}${node.model ? ` (${node.model})` : ""}`);
    parts.push(node.content);
  }
  return `${parts.join("\n\n")}\n`;
}

export const export_markdown = (conversation) =>
  save(file_name(conversation, "md"), "text/markdown", as_markdown(conversation));
export const export_json = (conversation) =>
  save(file_name(conversation, "json"), "application/json", JSON.stringify(conversation, null, 2));
