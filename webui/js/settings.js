// The settings dialog, and what of it goes into a request.

import { $ } from "./dom.js";
import { api_key, key_is_kept, save_key, save_settings, settings } from "./store.js";
import { text } from "./strings.js";

const NUMBERS = ["temperature", "top_p", "top_k", "min_p", "max_tokens", "seed"];
const TOP_LOGPROBS = 5;

// The fields of a request's body. What is not set is left to the server.
export function request_fields() {
  const values = settings();
  const fields = {};
  for (const name of NUMBERS) if (Number.isFinite(values[name])) fields[name] = values[name];
  if (values.stop?.length) fields.stop = values.stop;
  if (values.probabilities) Object.assign(fields, { logprobs: true, top_logprobs: TOP_LOGPROBS });
  return fields;
}

// Opens the dialog; done(system) is called when it was saved. key_wanted: begins at the key.
export function open_settings(system, done, key_wanted = false) {
  const dialog = $("#settings");
  if (dialog.open) return;
  const form = $("form", dialog);
  const field = form.elements;
  const values = settings();
  field.system.value = system;
  for (const name of NUMBERS) field[name].value = values[name] ?? "";
  field.stop.value = (values.stop ?? []).join("\n");
  field.probabilities.checked = values.probabilities ?? false;
  field.key.value = api_key();
  field.keep_key.checked = key_is_kept();
  form.onsubmit = () => {
    for (const name of NUMBERS) values[name] = field[name].value === "" ? null : Number(field[name].value);
    values.stop = field.stop.value.split("\n").filter(Boolean);
    values.probabilities = field.probabilities.checked;
    save_settings(values);
    save_key(field.key.value.trim(), field.keep_key.checked);
    done(field.system.value.trim());
  };
  $("#settings-cancel").onclick = () => dialog.close();
  dialog.showModal();
  (key_wanted ? field.key : field.system).focus();
  field.key.placeholder = key_wanted ? text("key_wanted") : "";
}
