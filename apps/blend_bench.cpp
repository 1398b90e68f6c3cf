// `aurora blend bench`: what the order of a list costs: time until the first batch is known, bytes per rank,
// nanoseconds per look-up, worst prefix error; for the list's files, and with each corpus as one file.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <functional>
#include <nlohmann/json.hpp>

#include "apps/blend_order.h"
#include "aurora/base/error.h"
#include "aurora/base/progress.h"
#include "aurora/base/random.h"
#include "aurora/dataset/order_proof.h"

namespace aurora::apps {
namespace {

constexpr uint64_t kConsecutive = 16384;  // samples asked for at once when consecutive ones are timed

using Clock = std::chrono::steady_clock;

struct BenchFlags {
  OrderFlags order;
  int64_t ranks = 0;
  double prefix_samples = 32e6;

  void declare(Arguments& arguments) {
    order.declare(arguments);
    arguments.option("--ranks", ranks, "simulate so many start-ups, each with an order of its own");
    arguments.option("--prefix-samples", prefix_samples, "walk so many samples for the worst prefix error");
  }
};

double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

// A result that is used, so that no look-up is left out.
uint64_t weight_of(const order::Unit& unit) {
  return unit.begin + unit.slot + unit.file;
}

// Nanoseconds per call: best of many short rounds, as other work on the machine only ever adds time.
double best_ns(const std::function<void(uint64_t round)>& work, size_t calls) {
  double best = 1e18;
  for (uint64_t round = 0; round < 64; ++round) {
    const Clock::time_point start = Clock::now();
    work(round);
    best = std::min(best, ms_since(start) * 1e6 / static_cast<double>(calls));
  }
  return best;
}

// Independent random samples.
double lookup_ns(const order::Order& order, uint64_t samples, uint64_t& used) {
  constexpr size_t kLookups = size_t{1} << 15;
  std::vector<uint64_t> numbers(64 * kLookups);
  const RandomKey key = random_key(1, Purpose::kTest);
  for (size_t i = 0; i < numbers.size(); ++i) numbers[i] = random_below(i, key, samples);
  return best_ns(
      [&](uint64_t round) {
        for (size_t i = 0; i < kLookups; ++i) used += weight_of(order(numbers[round * kLookups + i]));
      },
      kLookups);
}

// Consecutive ones, `run` of them at once.
double sequential_ns(const order::Order& order, uint64_t samples, uint64_t run, uint64_t& used) {
  std::vector<order::Unit> units(std::min(run, samples));
  const RandomKey key = random_key(2, Purpose::kTest);
  return best_ns(
      [&](uint64_t round) {
        order.range(random_below(round, key, samples - units.size() + 1), units);
        used += weight_of(units.back());
      },
      units.size());
}

// Each corpus as one file of all its tokens.
order::OrderSpec corpora_alone(order::OrderSpec spec) {
  for (order::Corpus& corpus : spec.corpora) {
    order::File one = corpus.files.front();
    one.tokens = corpus.tokens();
    corpus.files = {one};
  }
  return spec;
}

struct StartUps {
  double mean_ms = 0, worst_ms = 0, median_ms = 0, seconds = 0;
  double worst_cpu_ms = 0;  // of the thread's own time: what other work on the machine does not change
};

double thread_ms() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

// Every rank reads the list, makes its order and looks up its own samples of the first batch.
StartUps start_up(const BenchFlags& flags, uint64_t batch, Pool& pool) {
  const auto ranks = static_cast<size_t>(flags.ranks);
  const dataset::ListSettings settings = flags.order.list_settings();
  Log log(2, true);
  std::vector<double> ms(ranks), cpu_ms(ranks);
  const Clock::time_point start = Clock::now();
  pool.for_each(ranks, [&](size_t rank) {
    const Clock::time_point begin = Clock::now();
    const double cpu_begin = thread_ms();
    const order::Order order(dataset::read_list_order(settings, Pool::serial(), log).spec);
    const uint64_t first = batch * rank / ranks;
    std::vector<order::Unit> units(std::max<uint64_t>(batch * (rank + 1) / ranks - first, 1));
    order.range(first, units);
    ms[rank] = ms_since(begin);
    cpu_ms[rank] = thread_ms() - cpu_begin;
  });
  StartUps out;
  out.seconds = ms_since(start) / 1e3;
  std::sort(ms.begin(), ms.end());
  for (const double one : ms) out.mean_ms += one / static_cast<double>(ranks);
  out.median_ms = ms[ranks / 2];
  out.worst_ms = ms.back();
  out.worst_cpu_ms = *std::max_element(cpu_ms.begin(), cpu_ms.end());
  return out;
}

void print(const BenchFlags& flags, const nlohmann::ordered_json& json) {
  if (flags.order.workspace.json) {
    fmt::print("{}\n", json.dump(2));
    return;
  }
  for (const auto& [key, value] : json.items()) fmt::print("{:<32} {}\n", key, value.dump());
}

int bench(const BenchFlags& flags) {
  if (flags.order.list.empty())
    throw UsageError("a list is needed", "--list", "give --list FILE; its token files need not be there");
  nlohmann::ordered_json json;
  uint64_t samples = 0, batch = 0;
  {
    double best_ms = 1e9;
    for (int round = 0; round < 5; ++round) {
      const BlendOrder again = open_blend_order(flags.order);
      best_ms = std::min(best_ms, again.zero.first_batch_ms);
      if (round == 0) json["first_batch_ms_cold"] = again.zero.first_batch_ms;
    }
    json["first_batch_ms"] = best_ms;
  }
  const BlendOrder run = open_blend_order(flags.order);
  samples = run.samples;
  batch = run.batch;
  json["bytes_per_rank"] = run.zero.bytes;
  json["order_bytes"] = run.order().memory_bytes();
  const order::Order one_each(corpora_alone(run.order().spec()));
  uint64_t used = 0;
  json["lookup_ns"] = lookup_ns(run.order(), samples, used);
  json["lookup_ns_sequential"] = sequential_ns(run.order(), samples, kConsecutive, used);
  json["lookup_ns_sequential_step"] = sequential_ns(run.order(), samples, batch, used);
  json["lookup_ns_corpora"] = lookup_ns(one_each, samples, used);
  json["lookup_ns_sequential_corpora"] = sequential_ns(one_each, samples, kConsecutive, used);
  json["consecutive"] = kConsecutive;

  dataset::ProofSettings settings;
  settings.samples = std::min(samples, static_cast<uint64_t>(std::max(flags.prefix_samples, 1.0)));
  settings.bitmap = false;
  const dataset::OrderProof proof = dataset::prove_order(run.order(), settings, run.pool());
  json["prefix_error_min"] = proof.prefix_error_min();
  json["prefix_error_max"] = proof.prefix_error_max();
  json["prefix_samples"] = settings.samples;

  json["files"] = run.order().files();
  json["corpora"] = one_each.files();
  json["samples"] = samples;
  json["batch"] = batch;
  json["mode"] = order::mode_name(run.order().spec().mode);
  if (flags.ranks > 0) {
    const StartUps starts = start_up(flags, batch, run.pool());
    json["ranks"] = flags.ranks;
    json["rank_ms_mean"] = starts.mean_ms;
    json["rank_ms_median"] = starts.median_ms;
    json["rank_ms_worst"] = starts.worst_ms;
    json["rank_cpu_ms_worst"] = starts.worst_cpu_ms;
    json["ranks_seconds"] = starts.seconds;
  }
  print(flags, json);
  return used == 0 ? 1 : 0;  // never: the sum keeps the look-ups
}

}  // namespace

Command blend_bench_command() {
  return {"bench", "time to the first batch, bytes per rank and look-up times of a list's order",
          [](Arguments& arguments) { return with_flags<BenchFlags>(arguments, bench); }};
}

}  // namespace aurora::apps
