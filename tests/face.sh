# What the tests of the face share; each sources it with its own arguments: AURORA WORK_DIR.
set -euo pipefail
cd "$(dirname "$0")/.."
aurora=$1
work=$2
rm -rf "$work"
mkdir -p "$work"
failures=0
fail() {
  echo "FAILED: $1"
  failures=$((failures + 1))
}

# gives FILE COMMAND...: the command succeeds, its stdout is in FILE
gives() {
  local file=$work/$1
  shift
  "$aurora" "$@" >"$file" 2>"$work/err" || { fail "exit $?: aurora $*"; cat "$work/err"; }
}
# has FILE PATTERN...: every pattern is in it
has() {
  local file=$work/$1 pattern
  shift
  for pattern in "$@"; do grep -q -- "$pattern" "$file" || { fail "no '$pattern' in $(basename "$file")"; head -40 "$file"; }; done
}
# expect CODE PATTERN... -- COMMAND...: exit code and every pattern in stderr
expect() {
  local code=$1 status=0 patterns=()
  shift
  while [ "$1" != -- ]; do patterns+=("$1"); shift; done
  shift
  "$aurora" "$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
  [ "$status" -eq "$code" ] || { fail "exit $status, expected $code: aurora $*"; cat "$work/err"; return; }
  local pattern
  for pattern in "${patterns[@]}"; do
    grep -q -- "$pattern" "$work/err" || { fail "no '$pattern' from: aurora $*"; cat "$work/err"; }
  done
}
