// The server's OpenAI API, by relative addresses: the page also works behind a proxy's prefix.

import { api_key } from "./store.js";
import { text } from "./strings.js";

export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;  // 0: no answer
  }
}

async function request(path, options = {}) {
  const headers = { ...options.headers };
  if (api_key()) headers.Authorization = `Bearer ${api_key()}`;
  let response;
  try {
    response = await fetch(path, { ...options, headers, cache: "no-store" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(0, text("no_answer"));
  }
  if (response.ok) return response;
  const body = await response.json().catch(() => null);
  throw new ApiError(response.status, body?.error?.message ?? `${response.status} ${response.statusText}`);
}

// [{id, max_model_len, ...}]
export async function models() {
  return (await (await request("v1/models")).json()).data;
}

// The data of each event of a text/event-stream body.
async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      if (line.startsWith("data:")) yield line.slice(5).trim();
    }
  }
}

// Streams an answer: on_piece(text, logprobs) for each piece. Resolves to {finish, usage}. Throws ApiError,
// or an AbortError when `signal` was used.
export async function chat(body, signal, on_piece) {
  const response = await request("v1/chat/completions", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ ...body, stream: true, stream_options: { include_usage: true } }),
    signal,
  });
  const result = { finish: null, usage: null };
  let complete = false;
  try {
    for await (const data of events(response.body)) {
      if (data === "[DONE]") {
        complete = true;
        continue;
      }
      const chunk = JSON.parse(data);
      if (chunk.error) throw new ApiError(500, chunk.error.message);
      if (chunk.usage) result.usage = chunk.usage;
      for (const choice of chunk.choices ?? []) {
        on_piece(choice.delta?.content ?? "", choice.logprobs?.content ?? []);
        if (choice.finish_reason) result.finish = choice.finish_reason;
      }
    }
  } catch (error) {
    if (error.name === "AbortError" || error instanceof ApiError) throw error;
    throw new ApiError(0, text("cut_off"));
  }
  if (!complete) throw new ApiError(0, text("cut_off"));
  return result;
}
