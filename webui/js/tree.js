// A conversation is a tree of messages: an edit or another try is a sibling, and each place remembers which
// of its children is shown. Pure functions on plain objects that go to JSON as they are.
//
//   conversation = {id, title, created, updated, model, system, nodes: {id: node}, children: [id], shown: id}
//   node = {id, parent: id or null, role: "user" or "assistant", content, children: [id], shown: id or null,
//           and for answers: model, finish, error, usage, first_s, total_s, tokens: [{t, p, top: [[t, p]]}]}

export const fresh_id = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0")).join("");

export function new_conversation(model, system = "") {
  const now = Date.now();
  return { id: fresh_id(), title: "", created: now, updated: now, model, system, nodes: {}, children: [], shown: null };
}

// The place that holds a node's siblings: its parent, or the conversation itself.
const holder = (conversation, parent) => (parent === null ? conversation : conversation.nodes[parent]);

export function add_node(conversation, parent, role, content) {
  const node = { id: fresh_id(), parent, role, content, children: [], shown: null };
  conversation.nodes[node.id] = node;
  const place = holder(conversation, parent);
  place.children.push(node.id);
  place.shown = node.id;
  return node;
}

// The messages that are shown, first to last.
export function branch(conversation) {
  const nodes = [];
  for (let id = conversation.shown; id !== null; id = nodes.at(-1).shown) nodes.push(conversation.nodes[id]);
  return nodes;
}

// From the first message to this one.
export function path_to(conversation, node) {
  const nodes = [];
  for (let at = node; at; at = at.parent === null ? null : conversation.nodes[at.parent]) nodes.unshift(at);
  return nodes;
}

export function siblings(conversation, node) {
  const { children } = holder(conversation, node.parent);
  return { all: children, at: children.indexOf(node.id) };
}

// Shows the sibling `step` places away (-1, 1).
export function show_sibling(conversation, node, step) {
  const { all, at } = siblings(conversation, node);
  const next = all[at + step];
  if (next !== undefined) holder(conversation, node.parent).shown = next;
  return next !== undefined;
}
