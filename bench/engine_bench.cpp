// The training step on random tokens, for hosts where only the engine is built.
//
// usage: engine_bench [SIZE [SEQUENCE_LENGTH [STEPS]]]    (124M 1024 2)

#include <fmt/format.h>

#include <string>

#include "aurora/base/error.h"
#include "aurora/train/benchmark.h"

int main(int argc, char** argv) {
  using namespace aurora;
  train::BenchmarkSettings settings;
  settings.size = argc > 1 ? argv[1] : "124M";
  if (argc > 2) settings.sequence_length = std::stoll(argv[2]);
  if (argc > 3) settings.steps = std::stoll(argv[3]);
  try {
    Log log;
    Pool pool(0);
    fmt::print("{}\n", train::to_json(settings, train::benchmark(settings, pool, log)));
    return 0;
  } catch (const Error& error) {
    fmt::print(stderr, "{}: {}: {}\n", error.where(), error.happened(), error.remedy());
    return 1;
  }
}
