#!/usr/bin/env bash
# `aurora tokenizer` from outside: a vocabulary learned, used, measured, proved and converted; the commands that others
# rely on; and errors that name place and remedy. With ../shared/data/tokenizer also cl100k.
#
# usage: tests/tokenizer_face.sh AURORA WORK_DIR
. "$(dirname "$0")/face.sh"
same() { cmp -s "$1" "$2" || fail "$1 and $2 differ"; }

# --- learn: from files, the same bytes however many threads ---
text=$work/text.txt
for i in $(seq 1 400); do
  echo "Line $i: the lower the slower, a widest lowest newer thing; x$i = $((i * 37 % 1000)) and der größte Straßenbauer"
  echo "日本語の文書を読みます。それは$i番目の行です。"
done >"$text"
gives train.json tokenizer train --input "$text" --vocab-size 600 --pattern llama3 --special '<|end|>' --round-to 64 \
  --output "$work/own" --json
has train.json '"vocab_size": 640' '"seconds"' '"peak_memory_bytes"' '"text_bytes"'
gives train2.json tokenizer train --input "$text" --vocab-size 600 --pattern llama3 --special '<|end|>' --round-to 64 \
  --output "$work/own2" --threads 1 --json
same "$work/own/tokenizer.json" "$work/own2/tokenizer.json"
gives unigram.json tokenizer train --model unigram --input "$text" --vocab-size 400 --output "$work/unigram" --json

# --- encode and decode ---
for vocabulary in own unigram; do
  "$aurora" tokenizer encode --vocab "$work/$vocabulary" --json <"$text" >"$work/ids.json"
  has ids.json '^{"ids":\[[0-9,]*\]}$'
  "$aurora" tokenizer decode --vocab "$work/$vocabulary" <"$work/ids.json" >"$work/back.txt"
  same "$text" "$work/back.txt"
  "$aurora" tokenizer encode --vocab "$work/$vocabulary" <"$text" | "$aurora" tokenizer decode --vocab "$work/$vocabulary" >"$work/back.txt"
  same "$text" "$work/back.txt"
done
head -c 20000 "$aurora" >"$work/bytes"  # no text at all
"$aurora" tokenizer encode --vocab "$work/own" --json <"$work/bytes" >"$work/ids.json"
"$aurora" tokenizer decode --vocab "$work/own" <"$work/ids.json" >"$work/back"
same "$work/bytes" "$work/back"
printf 'a<|end|>b' | "$aurora" tokenizer encode --vocab "$work/own" --special parse --json --offsets >"$work/special.json"
has special.json '"offsets":\[\[0,1\],\[1,8\],\[8,9\]\]'
printf 'a<|end|>b' >"$work/special.txt"
expect 1 '<|end|>' -- tokenizer encode --vocab "$work/own" --special refuse "$work/special.txt"

# --- verify, report, bench, convert ---
gives verify.txt tokenizer verify --vocab "$work/own" --against textbook --input "$text" --fuzz 3000
has verify.txt '^equal: '
gives convert.txt tokenizer convert --vocab "$work/own" --output "$work/own.tiktoken"
gives verify2.txt tokenizer verify --vocab "$work/own" --against "$work/own.tiktoken" --against-pattern llama3 --input "$text"
expect_status=0
"$aurora" tokenizer verify --vocab "$work/own" --against "$work/unigram" --input "$text" >"$work/differ.txt" 2>&1 || expect_status=$?
[ "$expect_status" -eq 1 ] || fail "two vocabularies are said to be equal"
has differ.txt 'first difference' 'ours' 'reference'
gives report.txt tokenizer report --compare "$work/own" "$work/unigram" --input "own=$text" --words 3
has report.txt 'bytes/tok' 'fertility' 'most wasteful words' "$work/unigram"
gives report.json tokenizer report --vocab "$work/own" --input "en=$text" --parallel en --json
has report.json '"parity": 1.0' '"single_byte_share"' '"wasteful_words"'
gives bench.json tokenizer bench --vocab "$work/own" --input "$text" --threads 1 --json
has bench.json '"bytes"' '"tokens"' '"cold_mb_per_s"' '"warm_mb_per_s"'

# --- chat ---
cat >"$work/chat.jinja" <<'JINJA'
{{ bos_token }}{% for message in messages %}[{{ message.role }}] {{ message['content'] | trim }}
{% endfor %}{% if add_generation_prompt %}[assistant]{% endif %}
JINJA
echo '[{"role": "user", "content": " How hot is the sun? "}]' | "$aurora" tokenizer chat --vocab "$work/own" --template "$work/chat.jinja" >"$work/chat.txt"
has chat.txt '^\[user\] How hot is the sun?$' '^\[assistant\]$'

# --- documents to token files ---
for i in $(seq 1 200); do echo "{\"text\": \"document $i is the lowest\", \"id\": $i}"; done >"$work/documents.jsonl"
echo 'no json' >>"$work/documents.jsonl"
"$aurora" tokenize --input "$work/documents.jsonl" --tokenizer "$work/own" --output "$work/tokens/all" >"$work/tokenize.txt" 2>"$work/err" ||
  { fail "aurora tokenize --input"; cat "$work/err"; }
has tokenize.txt '200 documents' '1 rejected'
[ -s "$work/tokens/all.bin" ] && [ -s "$work/tokens/all.idx" ] || fail "no token files"

# --- the published vocabularies ---
cl100k=../shared/data/tokenizer/cl100k_base.tiktoken
if [ -e "$cl100k" ]; then
  printf 'Hello world' | "$aurora" tokenizer encode --vocab "$cl100k" --pattern cl100k --json >"$work/cl100k.json"
  has cl100k.json '^{"ids":\[9906,1917\]}$'
  gives cl100k.txt tokenizer verify --vocab "$cl100k" --against textbook --input "$text" docs/ARCHITECTURE.md --fuzz 2000
  has cl100k.txt '^equal: '
else
  echo "absent, not tried: $cl100k"
fi

# --- errors ---
expect 2 'a vocabulary is needed' '--vocab' -- tokenizer encode
expect 1 'nothing.json' -- tokenizer encode --vocab "$work/nothing.json" "$text"
expect 2 'no pattern "cl200k"' 'give one of' -- tokenizer encode --vocab "$work/own.tiktoken" --pattern cl200k "$text"
echo '{"model": {"type": "WordPiece"}}' >"$work/wordpiece.json"
expect 1 'WordPiece' 'wordpiece.json' -- tokenizer encode --vocab "$work/wordpiece.json" "$text"
echo 'one two' >"$work/words"
expect 1 '"one" is no token id' -- tokenizer decode --vocab "$work/own" "$work/words"
echo '999999' >"$work/large"
expect 1 '999999' -- tokenizer decode --vocab "$work/own" "$work/large"
expect 2 'vocab' -- tokenizer train --input "$text" --vocab-size 100 --output "$work/small"

[ "$failures" -eq 0 ] && echo "tokenizer_face: all as expected"
exit $((failures > 0))
