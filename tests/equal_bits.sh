#!/usr/bin/env bash
# The promise of the house, tested from outside: one recipe, one weights hash, whatever the threads, ranks, strand order,
# strands in flight, and wherever the process is killed (SIGKILL at fault points of every stage, and again at resume).
#
# usage: tests/equal_bits.sh AURORA WORK_DIR [layouts|crashes]
set -euo pipefail
cd "$(dirname "$0")/.."
aurora=$1
work=$2
what=$3
seed=20261124
recipe=recipes/tiny.toml
rm -rf "$work"
mkdir -p "$work"

export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
mpi=(mpiexec --oversubscribe --bind-to none)

hash_of() { "$aurora" inspect "$1" --json | sed -n 's/.*"weights_hash": "\([0-9a-f]*\)".*/\1/p' | head -1; }

reference=
check() {  # NAME: the run in $work/NAME has the hash of the first one
  local hash
  hash=$(hash_of "$work/$1")
  "$aurora" inspect "$work/$1" --json | grep -q '"whole": true' || { echo "FAILED $1: not whole"; exit 1; }
  [ -n "$hash" ] || { echo "FAILED $1: inspect printed no weights_hash"; exit 1; }
  reference=${reference:-$hash}
  [ "$hash" = "$reference" ] || { echo "FAILED $1: weights_hash $hash, expected $reference"; exit 1; }
  echo "ok     $1: $hash"
  rm -rf "${work:?}/$1"
}

run() {  # NAME COMMAND...: a whole run that must succeed
  local name=$1
  shift
  "$@" --out "$work/$name" --quiet >"$work/$name.log" 2>&1 || { echo "FAILED $name:"; cat "$work/$name.log"; exit 1; }
}

layouts() {
  run threads-1 "$aurora" run $recipe --threads 1 && check threads-1
  run threads-1-again "$aurora" run $recipe --threads 1 && check threads-1-again
  run threads-2 "$aurora" run $recipe --threads 2 && check threads-2
  for ranks in 1 2 3; do
    run "ranks-$ranks" "${mpi[@]}" -n $ranks "$aurora" run $recipe --threads 1 && check "ranks-$ranks"
  done
  run reversed "$aurora" run $recipe --threads 2 --set train.strand_order=reverse && check reversed
  run in-flight-1 "$aurora" run $recipe --threads 2 --set train.strands_in_flight=1 && check in-flight-1
  run in-flight-3 "$aurora" run $recipe --threads 2 --set train.strands_in_flight=3 && check in-flight-3
  # A test that cannot fail is none: another seed must give other bits.
  run other-seed "$aurora" run $recipe --threads 1 --set run.seed=8
  [ "$(hash_of "$work/other-seed")" != "$reference" ] || { echo "FAILED: another seed gave the same hash"; exit 1; }
}

status=0
until_fault() {  # NAME N: runs until the N-th fault point kills it; the exit code is in $status
  status=0
  { "$aurora" run $recipe --threads 1 --quiet --out "$work/$1" --fault-at "$2" >"$work/$1.log" 2>&1 || status=$?; } 2>/dev/null
}

crashes() {
  # An undisturbed run says which fault points there are: "number name" per line.
  run undisturbed "$aurora" run $recipe --threads 1 --fault-trace "$work/points"
  check undisturbed
  local stage first second again=0
  for stage in prepare tokenizer tokenize pretrain checkpoint evaluate release stage; do
    grep -q " $stage\." "$work/points" || { echo "FAILED: no fault point named $stage.*"; exit 1; }
    # Two seeded points of each kind; the resumed run is killed once more, a few points on.
    for draw in 1 2; do
      first=$(grep " $stage\." "$work/points" | awk -v seed=$((seed + draw)) \
        'BEGIN{srand(seed)} {line[NR]=$1} END{print line[1+int(rand()*NR)]}')
      second=$((1 + (first * 7 + draw) % 9))
      until_fault "crash-$stage-$draw" "$first"
      [ $status -eq 137 ] || { echo "FAILED: not killed at point $first but status $status"; cat "$work/crash-$stage-$draw.log"; exit 1; }
      # Late in a run there may be fewer points left than `second`: then it ends well.
      until_fault "crash-$stage-$draw" "$second"
      [ $status -eq 137 ] && again=$((again + 1))
      [ $status -eq 137 ] || [ $status -eq 0 ] || { echo "FAILED: resume ended with $status"; cat "$work/crash-$stage-$draw.log"; exit 1; }
      run "crash-$stage-$draw" "$aurora" run $recipe --threads 2
      check "crash-$stage-$draw"
    done
  done
  [ $again -ge 8 ] || { echo "FAILED: only $again runs were killed at resume"; exit 1; }
}

$what
echo "all equal: $reference"
