#!/usr/bin/env bash
# `aurora serve` from outside: a small run is made, served, asked with curl, counted, drained, and its receipt replayed; and
# errors that name place and remedy.
#
# usage: tests/serve_face.sh AURORA WORK_DIR
. "$(dirname "$0")/face.sh"

run=$work/run
"$aurora" run recipes/tiny.toml --out "$run" --quiet >/dev/null 2>"$work/err" || { cat "$work/err"; exit 1; }

# start FLAGS...: sets $url and $server
start() {
  "$aurora" serve "$run" --name tiny --port 0 --quiet "$@" >"$work/url" 2>"$work/serve.log" &
  server=$!
  for _ in $(seq 100); do
    url=$(head -1 "$work/url")
    [ -n "$url" ] && return
    kill -0 $server 2>/dev/null || break
    sleep 0.1
  done
  fail "the server does not start"
  cat "$work/serve.log"
  exit 1
}
# ask FILE STATUS PATH BODY [CURL FLAGS...]
ask() {
  local file=$work/$1 status=$2 path=$3 body=$4 got
  shift 4
  got=$(curl -s -o "$file" -w '%{http_code}' "$@" "$url$path" -d "$body")
  [ "$got" = "$status" ] || { fail "$path answered $got, expected $status"; cat "$file"; }
}

# --- answers, the same ones every time, counted and signed ---
secret=$("$aurora" serve key lab --keys "$work/keys.toml" --requests-per-minute 100 2>/dev/null)
"$aurora" serve key chief --keys "$work/keys.toml" --admin >"$work/admin" 2>/dev/null
start --keys "$work/keys.toml" --usage "$work/usage.db" --sign-with "$work/key.pem"
key=(-H "Authorization: Bearer $secret")
chat='{"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 6, "seed": 3, "receipt": true}'
ask one.json 200 /v1/chat/completions "$chat" "${key[@]}"
ask two.json 200 /v1/chat/completions "$chat" "${key[@]}"
has one.json '"object":"chat.completion"' '"token_sha256"' '"model":"tiny"'
[ "$(grep -o '"token_sha256":"[0-9a-f]*"' "$work/one.json")" = "$(grep -o '"token_sha256":"[0-9a-f]*"' "$work/two.json")" ] || fail "two answers differ"
ask stream 200 /v1/chat/completions '{"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 3, "stream": true}' "${key[@]}"
has stream '^data: {"id":"chatcmpl-' '^data: \[DONE\]'
ask wrong.json 401 /v1/chat/completions "$chat"
has wrong.json '"invalid_api_key"'
ask typo.json 400 /v1/chat/completions '{"mesages": []}' "${key[@]}"
has typo.json "'messages' is missing"
curl -s "$url/health" >"$work/health.json"
has health.json '"ok"'
curl -s -H "Authorization: Bearer $(cat "$work/admin")" "$url/metrics" >"$work/metrics"
has metrics '^aurora_answer_tokens_total{model="tiny"} [0-9]' '^aurora_time_to_first_token_seconds_count'

# --- SIGTERM lets answers finish ---
kill -TERM $server
wait $server || fail "the server ended with $?"
gives usage serve usage "$work/usage.db"
has usage '^lab  *tiny  *3 '
gives replayed serve replay "$work/one.json" --model "$run" --threads 1
sed 's/"seed":3}$/"seed":4}/; s/"seed":3,/"seed":4,/' "$work/one.json" >"$work/forged.json"
expect 1 "the signature does not belong" "forged.json" -- serve replay "$work/forged.json" --model "$run"

# --- the yardstick ---
gives bench.json serve bench "$run" --json --context 8 --threads 1
has bench.json '"decode_tokens_per_s"' '"bytes_per_token"' '"read_bandwidth"' '"share_of_bandwidth"' '"prefill_tokens_per_s"'

# --- what cannot be served ---
expect 2 "no model" "name a run folder" -- serve
expect 1 "$work/nothing" -- serve "$work/nothing"
expect 2 "no such port" "port" -- serve "$run" --port 70000
expect 2 "weights" -- serve "$run" --weights int3
echo '[[key]]' >"$work/bad.toml"
expect 1 "bad.toml:1" "sha256" -- serve "$run" --keys "$work/bad.toml"

[ "$failures" -eq 0 ] && echo "serve_face: all as expected"
exit $((failures > 0))
