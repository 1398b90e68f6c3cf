#!/usr/bin/env bash
# The checkers must be able to fail: a small house in a temporary folder is sound, and each fault put into it is
# found and named.
set -euo pipefail
repository=$(cd "$(dirname "$0")/.." && pwd)
house=$(mktemp -d)
trap 'rm -rf "$house"' EXIT
failures=0

build_house() {
  rm -rf "$house"
  mkdir -p "$house"/{tools,docs,apps,tests,bench} "$house"/aurora/{base,config,plan,device}
  cp "$repository"/tools/{check-floors,check-docs,format} "$house/tools/"
  cp "$repository/.clang-format" "$house/"
  cd "$house"
  cat >aurora/floors.txt <<'ROWS'
# comment | with | bars | in | it
0 | base   |             | fmt  | errors
1 | config | base        | json | the recipe
1 | device | base        |      | buffers
2 | plan   | config      |      | arithmetic
ROWS
  echo '#include <string>' >aurora/base/error.h
  echo '#include "aurora/base/error.h"' >aurora/config/recipe.h
  echo '#include "aurora/base/error.h"' >aurora/device/buffer.h
  printf '#include "aurora/base/error.h"\n#include "aurora/config/recipe.h"\n' >aurora/plan/plan.cpp
  printf 'int start();\n' >apps/main.cpp
  printf 'int run();\n' >apps/run.cpp
  printf 'build: deps\n\t@true\ndeps:\n\t@true\n' >Makefile
  printf 'Run `make build`, then `build/aurora run`. See `aurora/base/`, [the page](docs/ARCHITECTURE.md).\n' >README.md
  printf '# House\n\n<!-- floors -->\n<!-- /floors -->\n\nThe end.\n' >docs/ARCHITECTURE.md
  tools/check-floors --write
}

sound() {  # checker
  if ! output=$("$@" 2>&1); then
    echo "FAILED: $* complains about a sound house: $output"
    failures=1
  fi
}

finds() {  # words that must be in the message, checker
  local words=$1 output
  shift
  if output=$("$@" 2>&1); then
    echo "FAILED: $* does not find: $words"
    failures=1
  elif ! grep -qF -- "$words" <<<"$output"; then
    echo "FAILED: $* should say \"$words\" and says: $output"
    failures=1
  fi
  build_house
}

build_house
sound tools/check-floors
sound tools/check-docs
sound tools/format --check
grep -qF '| 2 | `plan` | `config` |' docs/ARCHITECTURE.md || { echo "FAILED: no table is written"; failures=1; }
grep -qF 'The end.' docs/ARCHITECTURE.md || { echo "FAILED: the page is cut"; failures=1; }

echo '#include "aurora/config/recipe.h"' >>aurora/base/error.h
finds 'aurora/base/error.h:2: base includes config' tools/check-floors
echo '#include "aurora/device/buffer.h"' >>aurora/config/recipe.h
finds 'config includes device' tools/check-floors
echo '#include "aurora/device/buffer.h"' >aurora/plan/plan_test.cpp
finds 'aurora/plan/plan_test.cpp:1: plan includes device' tools/check-floors
echo '#include "apps/run.h"' >aurora/plan/plan_test.cpp
finds 'includes apps/' tools/check-floors
echo '#include "apps/run.h"' >tests/cross.cpp
finds 'nothing includes apps/' tools/check-floors
echo '#include "recipe.h"' >aurora/config/recipe.cpp
finds 'write includes of ours as' tools/check-floors
echo 'int main(int, char**) { return 0; }' >aurora/plan/tool.cpp
finds 'aurora/plan/tool.cpp:1: defines main()' tools/check-floors
printf '#ifdef AURORA_MPI\n#endif\n' >aurora/plan/plan.cpp
finds 'a condition on CUDA, MPI or oneDNN' tools/check-floors
printf '#ifdef AURORA_CUDA\n#endif\n#ifdef COMPILER\n#endif\n' >>aurora/device/buffer.h
sound tools/check-floors
echo '#include <nlohmann/json.hpp>' >aurora/config/json_value.h
echo '#include "aurora/config/json_value.h"' >aurora/config/recipe.cpp
sound tools/check-floors
echo '#include "aurora/config/json_value.h"' >>aurora/config/recipe.h
finds 'aurora/config/recipe.h:2: includes aurora/config/json_value.h, which brings in a heavy header' tools/check-floors
echo '#include <nlohmann/json.hpp>' >aurora/config/json_value.h
echo '#include "aurora/config/json_value.h"' >>aurora/plan/plan.cpp
finds 'only .cpp files of its own folder may' tools/check-floors
sed -i 's/| base        | json/| plan base   | json/' aurora/floors.txt
finds 'which is not lower' tools/check-floors
sed -i 's/| base        | json/| bass        | json/' aurora/floors.txt
finds 'leans on bass, which has no row' tools/check-floors
mkdir aurora/attic && echo >aurora/attic/old.cpp
finds 'aurora/attic has no row' tools/check-floors
rm -r aurora/device
finds 'device has a row but no folder' tools/check-floors
seq 1001 | sed 's|^|// |' >aurora/plan/long.cpp
finds '1001 lines' tools/check-floors

echo 'See `aurora/base/missing.h`.' >>README.md
finds 'README.md:2: names aurora/base/missing.h' tools/check-docs
echo 'See `aurora/{base,confiig}/`.' >>docs/ARCHITECTURE.md
finds 'aurora/{base,confiig}/' tools/check-docs
printf '```\nmake biuld\n```\n' >>README.md
finds 'README.md:3: names make biuld' tools/check-docs
echo 'Run `build/aurora rum RECIPE`.' >>README.md
finds 'names aurora rum' tools/check-docs
touch apps/blend_plan.cpp
echo 'Run `build/aurora blend plam RECIPE`.' >>README.md
finds 'names aurora blend plam' tools/check-docs
echo 'See [this](docs/gone.md).' >>README.md
finds 'links to docs/gone.md' tools/check-docs
echo '2 | extra | base | | more' >>aurora/floors.txt
finds 'its floor table is not aurora/floors.txt' tools/check-docs
echo 'Fine: `aurora/{base,config}/`, `aurora/*/error.h`, `aurora/base/error`, `docs/NAME.md`, `build/aurora run x`.' >>README.md
sound tools/check-docs

printf 'int  badly( ) {return 0;}\n' >apps/run.cpp
finds 'apps/run.cpp' tools/format --check

exit $failures
