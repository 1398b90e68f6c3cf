#!/usr/bin/env bash
# Bad input from a person's side: each case must fail with the right exit code, name the place and the remedy, and leave
# everything else as it was.
#
# usage: tests/clear_errors.sh AURORA WORK_DIR
set -euo pipefail
cd "$(dirname "$0")/.."
aurora=$1
work=$2
recipe=recipes/tiny.toml
rm -rf "$work"
mkdir -p "$work"
failures=0

# expect CODE PATTERN... -- COMMAND...: exit code and every pattern in stderr
expect() {
  local code=$1 status=0
  shift
  local patterns=()
  while [ "$1" != -- ]; do patterns+=("$1"); shift; done
  shift
  "$@" >"$work/out" 2>"$work/err" || status=$?
  if [ "$status" -ne "$code" ]; then
    echo "FAILED: exit $status, expected $code: $*"; cat "$work/err"; failures=$((failures + 1)); return
  fi
  for pattern in "${patterns[@]}"; do
    grep -q -- "$pattern" "$work/err" || { echo "FAILED: no '$pattern' from: $*"; cat "$work/err"; failures=$((failures + 1)); return; }
  done
  echo "ok: $(head -1 "$work/err" | cut -c1-150)"
}

# --- wrong usage: exit 2, names the place ---
sed 's/^learning_rate/learning_rat/' $recipe >"$work/typo.toml"
line=$(grep -n learning_rat "$work/typo.toml" | cut -d: -f1)
expect 2 "learning_rat" "typo.toml:$line" "learning_rate" -- "$aurora" run "$work/typo.toml" --out "$work/none"
sed 's/^steps = 24/steps = "many"/' $recipe >"$work/type.toml"
expect 2 "steps" "type.toml:" -- "$aurora" run "$work/type.toml" --out "$work/none"
expect 2 "decay_share" -- "$aurora" run $recipe --out "$work/none" --set train.decay_share=0.3
expect 2 -- "$aurora" fly
expect 2 -- "$aurora" run
[ ! -e "$work/none" ] || { echo "FAILED: wrong usage left a run folder"; failures=$((failures + 1)); }

# --- missing files: exit 1 ---
expect 1 "no-such.toml" -- "$aurora" run "$work/no-such.toml" --out "$work/none"
sed 's|tiny/\*.md|tiny/*.nothing|' $recipe >"$work/missing.toml"
expect 1 "nothing" "what to do" -- "$aurora" run "$work/missing.toml" --out "$work/missing"
expect 1 "has not been run" "what to do" -- "$aurora" evaluate $recipe --out "$work/empty"
expect 1 "no checkpoint" -- "$aurora" generate "$work" --prompt x
expect 1 "not a file of ours" -- "$aurora" inspect "$work/typo.toml"

# --- damage: found, named, and the rest still works ---
"$aurora" run $recipe --out "$work/run" --quiet >/dev/null 2>&1
newest=$(ls -d "$work"/run/checkpoints/step-* | tail -1)
flip() { printf '\x5a' | dd of="$1" bs=1 seek="$2" conv=notrunc status=none; }

cp -r "$work/run" "$work/flipped"
newest_flipped=$(ls -d "$work"/flipped/checkpoints/step-* | tail -1)
size=$(stat -c %s "$newest_flipped/model.safetensors")
flip "$newest_flipped/model.safetensors" $((size - 1001))
expect 1 "model.safetensors" -- "$aurora" generate "$newest_flipped" --prompt x --max-tokens 4
"$aurora" inspect "$newest_flipped" >"$work/out" 2>&1 && { echo "FAILED: inspect called a flipped byte whole"; failures=$((failures + 1)); }
# The run falls back to the checkpoint before, and makes the same weights again.
wanted=$("$aurora" inspect "$work/run" --json | grep weights_hash)
rm "$work/flipped/checkpoints/manifest.json"
"$aurora" pretrain $recipe --out "$work/flipped" >"$work/out" 2>"$work/err" || { echo "FAILED: no fall-back"; cat "$work/err"; failures=$((failures + 1)); }
grep -q "warning: .*model.safetensors" "$work/err" || { echo "FAILED: a damaged checkpoint was passed over silently"; cat "$work/err"; failures=$((failures + 1)); }
[ "$("$aurora" inspect "$work/flipped" --json | grep weights_hash)" = "$wanted" ] || { echo "FAILED: fall-back made other weights"; failures=$((failures + 1)); }

cp -r "$work/run" "$work/cut"
truncate -s -5 "$work/cut/tokens/prose.idx"
expect 1 "prose.idx" -- "$aurora" inspect "$work/cut/tokens/prose.idx"
expect 1 "prose.idx" -- "$aurora" blend plan $recipe --out "$work/cut"

cp -r "$work/run" "$work/vocabulary"
"$aurora" tokenizer train $recipe --out "$work/other" --set tokenizer.vocab_size=400 >/dev/null 2>&1 || true
"$aurora" prepare $recipe --out "$work/other" --quiet >/dev/null 2>&1
"$aurora" tokenizer train $recipe --out "$work/other" --quiet --set tokenizer.vocab_size=400 >/dev/null 2>&1
cp "$work/other/tokenizer/tokenizer.json" "$work/vocabulary/tokenizer/tokenizer.json"
expect 1 "tokenizer" "fingerprint" "what to do" -- "$aurora" generate "$work/vocabulary" --prompt x

# Checkpoints copied by hand lack the hidden file that says what they began with: set aside, never deleted.
cp -r "$work/run" "$work/copied"
rm "$work/copied/checkpoints/.begun"
"$aurora" pretrain $recipe --out "$work/copied" --quiet --set train.steps=32 >/dev/null 2>&1 || { echo "FAILED: pretrain on a copied run"; failures=$((failures + 1)); }
ls -d "$work"/copied/checkpoints.old-1/step-* >/dev/null || { echo "FAILED: copied checkpoints were deleted"; failures=$((failures + 1)); }

# --- a full disk: a file-size limit stands for it; nothing that was whole is lost ---
full() { ( ulimit -f 16; "$aurora" run $recipe --out "$1" --threads 1 --quiet ); }
expect 1 "what to do" -- full "$work/full"
cp -r "$work/run" "$work/full-later"
before=$(ls "$work/full-later/checkpoints")
full_more() { ( ulimit -f 16; "$aurora" run $recipe --out "$work/full-later" --threads 1 --quiet --set train.steps=32 ); }
expect 1 "what to do" -- full_more
ls -d "$work"/full-later/checkpoints.old-1/step-* >/dev/null || { echo "FAILED: the finished checkpoints were lost"; failures=$((failures + 1)); }
[ "$(ls "$work/full-later/checkpoints.old-1" | grep step)" = "$(grep step <<<"$before")" ] || { echo "FAILED: checkpoints were lost"; failures=$((failures + 1)); }
[ -z "$(find "$work/full" "$work/full-later" -name '*.partial-*')" ] || { echo "FAILED: partial files were left"; failures=$((failures + 1)); }
# With room again the run goes on.
"$aurora" run $recipe --out "$work/full" --quiet >/dev/null
[ "$("$aurora" inspect "$work/full" --json | grep weights_hash)" = "$wanted" ] || { echo "FAILED: after a full disk the run made other weights"; failures=$((failures + 1)); }

[ $failures -eq 0 ] && echo "all errors are clear" || { echo "$failures failed"; exit 1; }
