#!/usr/bin/env bash
# `aurora blend` from outside: plan, show, verify, bench and convert on a recipe's run, on lists with and without files and
# on a manifest; and errors that name place and remedy.
#
# usage: tests/blend_face.sh AURORA WORK_DIR
. "$(dirname "$0")/face.sh"

# --- a run with stages and skipped samples: tokens are enough ---
recipe=$work/staged.toml
sed -e "s|tiny/|$PWD/recipes/tiny/|" -e 's/^held_out_bytes.*/&\nskip = ["30..40"]/' recipes/tiny.toml >"$recipe"
cat >>"$recipe" <<'TOML'

[[stage]]
name = "anneal"
from_tokens = 9000
mix = { prose = 0.25, sequences = 0.75 }
TOML
run=$work/run
for stage in prepare "tokenizer train" tokenize; do "$aurora" $stage "$recipe" --out "$run" --quiet >/dev/null 2>"$work/err" || { cat "$work/err"; exit 1; }; done
of_run=("$recipe" --out "$run" --quiet)

gives plan blend plan "${of_run[@]}"
has plan "stage start" "stage anneal" "whole run" "^prose .*repeats" "24 steps" "skipped between them: 10 samples" "time zero"
gives plan.json blend plan "${of_run[@]}" --json
has plan.json '"steps": 24' '"samples": 288' '"skipped": 10' '"tokens": 18432' '"first_batch_ms"' '"bytes"' '"epochs"' '"trained_tokens"' '"repeats": true' '"left_out"'

gives show blend show "${of_run[@]}" --sample 0 --count 4
has show "=== sample 3: corpus" "piece 1 of" "source: " "licence: "
gives show.json blend show "${of_run[@]}" --sample 30 --json
has show.json '"sample": 30' '"position": 40' '"stage": "start"' '"corpus"' '"document"' '"begin"' '"length": 64' '"id"' '"source"' '"licence"' '"text"'
gives step blend show "${of_run[@]}" --step 24
has step "=== sample 276 (number 286 with skipped ones)" "=== sample 287" "stage anneal"
gives verify.json blend verify "${of_run[@]}" --json
has verify.json '"exact": true' '"within_bound": true' '"samples": 288' '"skipped": 10' '"duplicates": 0' '"missing": 0' '"prefix_error_min"' '"prefix_error_max"' '"samples_per_s"'
for mode in windows blocks packed sequential; do
  gives verify_$mode blend verify "${of_run[@]}" --samples 5000 --set blend.order=$mode
  has verify_$mode "every unit comes exactly once per epoch" "duplicates 0, missing 0" "$mode mode" "(within 1.1)"
  gives show_$mode blend show "${of_run[@]}" --sample 100 --set blend.order=$mode
  has show_$mode "piece 1 of" "licence: "
done

# --- a list of the same files, a manifest of it ---
printf '# weight file corpus\n0.75 run/tokens/prose text\n0.25 run/tokens/sequences dna\n' >"$work/files.tsv"
of_files=(--list "$work/files.tsv" --seq 64 --batch 8 --quiet)
gives files blend plan "${of_files[@]}" --tokens 64000
has files "^text .*repeats" "1000 samples of 64 tokens" "125 steps"
grep -q "from the list alone" "$work/files" && fail "the files of the list were not seen"
gives raw blend show "${of_files[@]}" --sample 5 --mode blocks --block-windows 4
has raw "=== sample 5: corpus" "block" "piece 1 of"
gives decoded blend show "${of_files[@]}" --sample 5 --json --tokenizer "$run/tokens/tokenizer.json"
has decoded '"text"'
gives verify_files blend verify "${of_files[@]}" --tokens 640000 --mode packed --block-windows 8
has verify_files "10000 samples walked (packed mode)" "exactly once"
gives manifest blend manifest --list "$work/files.tsv" --out "$work/collection.json" --quiet
gives by_list blend show "${of_files[@]}" --sample 7 --json
gives by_manifest blend show --list "$work/collection.json" --seq 64 --batch 8 --sample 7 --json --quiet
cmp -s "$work/by_list" "$work/by_manifest" || { fail "list and manifest give other samples"; diff "$work/by_list" "$work/by_manifest" | head; }

# --- a list alone: weights are shares ---
for i in 1 2 3 4 5 6 7; do printf '%d\tweb-%d\tweb\n' $i $i; done >"$work/shares.tsv"
printf '9\tbook-1\tbooks\n2.5\tbook-2\tbooks\n' >>"$work/shares.tsv"
of_shares=(--list "$work/shares.tsv" --tokens 4e8 --seq 1024)
gives shares blend plan "${of_shares[@]}"
has shares "^web  *7 " "^books  *2 " "from the list alone"
gives place blend show "${of_shares[@]}" --sample 390000 --json
has place '"corpus"' '"file"' '"begin"' '"length": 1024'
gives verify_shares blend verify "${of_shares[@]}" --quiet --json
has verify_shares '"exact": true' '"samples": 390625'
gives rounds blend verify "${of_shares[@]}" --quiet --memory-mib 0.3 --samples 3e6
has rounds "rounds" "exactly once"
gives bench.json blend bench "${of_shares[@]}" --prefix-samples 1e5 --ranks 20 --json
has bench.json '"first_batch_ms": [0-9]' '"bytes_per_rank": [0-9]' '"lookup_ns": [0-9]' '"lookup_ns_sequential": [0-9]' \
  '"prefix_error_min": -[0-9]' '"prefix_error_max": [0-9]' '"lookup_ns_corpora": [0-9]' '"rank_ms_worst": [0-9]' '"prefix_samples": 100000'

# --- convert ---
printf '\1\0\2\0\0\0\3\0\0\0' >"$work/flat.bin"
gives convert.json blend convert --from "$work/flat.bin" --to "$work/converted/flat" --kind flat-u16 --end-of-document 0 --json
has convert.json '"kind": "flat"' '"documents": 2' '"tokens": 5'
gives inspect inspect "$work/converted/flat.idx"
has inspect "5"

# --- errors: what, where, what to do ---
expect 2 '"pln" is no command' 'did you mean "plan"' -- blend pln
expect 2 "is no command" "choose one of plan, show, verify" -- blend "$recipe"
expect 2 "neither a recipe nor a list" -- blend plan
expect 2 "a recipe and a list" -- blend plan "$recipe" --list "$work/files.tsv"
expect 2 "belong to --list" -- blend plan "${of_run[@]}" --tokens 5
expect 2 "no mode" "windows, blocks, packed or sequential" -- blend plan "${of_shares[@]}" --mode shuffled
expect 1 "no-such.tsv" "what to do" -- blend plan --list "$work/no-such.tsv" --tokens 1e9
printf '1 a x\nheavy b x\n' >"$work/bad.tsv"
expect 1 "bad.tsv:2" "what to do" -- blend plan --list "$work/bad.tsv" --tokens 1e9
expect 1 "not there" "give --tokens" -- blend plan --list "$work/shares.tsv"
expect 1 "cannot be packed" "shares.tsv" -- blend plan "${of_shares[@]}" --mode packed
expect 2 "288 samples" "from 0 to 287" -- blend show "${of_run[@]}" --sample 288
expect 2 "24 steps" "from 1 to 24" -- blend show "${of_run[@]}" --step 25
expect 2 "one of --sample and --step" -- blend show "${of_run[@]}"
expect 1 "bitmaps" "more memory" -- blend verify "${of_shares[@]}" --quiet --memory-mib 0.001
expect 1 "has not been run" "aurora tokenize" -- blend plan "$recipe" --out "$work/empty"
mv "$run/tokens/sequences.idx" "$work/aside.idx"
expect 1 "sequences.idx" "what to do" -- blend plan "${of_files[@]}"
expect 1 "sequences.idx" "what to do" -- blend plan "${of_run[@]}"
mv "$work/aside.idx" "$run/tokens/sequences.idx"
expect 2 "parquet" "what to do" -- blend convert --from "$work/flat.bin" --to "$work/x" --kind parquet
expect 1 "flat.bin" "what to do" -- blend convert --from "$work/flat.bin" --to "$work/x" --kind flat-u32

[ "$failures" -eq 0 ] || { echo "$failures failures"; exit 1; }
echo "blend: all as promised"
