// `aurora blend bench-megatron`: how long Megatron's own blend takes to build, byte for byte.

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>

#include "apps/command.h"
#include "aurora/base/error.h"
#include "aurora/base/hash.h"
#include "aurora/base/threads.h"
#include "aurora/format/data_list.h"
#include "aurora/format/npy.h"
#include "aurora/megatron/blend.h"
#include "aurora/megatron/large_array.h"
#include "aurora/megatron/splits.h"

namespace aurora::apps {
namespace {

struct BenchFlags {
  std::string list;
  std::string out;
  int64_t samples = 0;
  int64_t threads = 0;
  bool exhaustive = false;
  bool json = false;
};

struct BlendIndices {
  megatron::LargeArray<int16_t> datasets;
  megatron::LargeArray<int64_t> samples;
  double seconds = 0;

  explicit BlendIndices(int64_t size)
      : datasets(static_cast<size_t>(size)), samples(static_cast<size_t>(size)) {}
};

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::vector<double> list_weights(const std::string& list) {
  std::vector<double> weights;
  double sum = 0;
  for (const format::ListEntry& entry : format::read_data_list(list)) {
    weights.push_back(entry.weight);
    sum += entry.weight;
  }
  if (!(sum > 0)) throw Error("no entry has a weight", list, "put a weight before every prefix");
  return weights;
}

BlendIndices blend_by_weight(const BenchFlags& flags, Pool& pool) {
  if (flags.samples < 1) throw UsageError("no number of samples", "--samples", "give how many to blend");
  const std::vector<double> weights = megatron::normalized(list_weights(flags.list));
  const auto start = std::chrono::steady_clock::now();
  BlendIndices indices(flags.samples);
  megatron::greedy_blend(weights, indices.datasets.span(), indices.samples.span(), pool);
  indices.seconds = seconds_since(start);
  return indices;
}

BlendIndices blend_by_size(const BenchFlags& flags, Pool& pool) {
  std::vector<int64_t> sizes;
  int64_t total = 0;
  for (const double weight : list_weights(flags.list)) {
    if (weight != std::floor(weight) || weight > 1e15)
      throw Error(fmt::format("weight {} is no number of samples", weight), flags.list,
                  "with --exhaustive give whole numbers of samples as weights");
    sizes.push_back(static_cast<int64_t>(weight));
    total += sizes.back();
  }
  const auto start = std::chrono::steady_clock::now();
  BlendIndices indices(total);
  megatron::exhaustive_blend(sizes, indices.datasets.span(), indices.samples.span(), pool);
  indices.seconds = seconds_since(start);
  return indices;
}

template <typename Number>
void write_index(const Path& path, const megatron::LargeArray<Number>& numbers) {
  format::NpyWriter writer(path, format::npy_type_of<Number>(), {numbers.size()});
  writer.write(std::span<const Number>(numbers.data(), numbers.size()));
  writer.commit();
}

template <typename Number>
std::string hash_of(const megatron::LargeArray<Number>& numbers) {
  return hex64(xxh3_64(numbers.data(), numbers.size() * sizeof(Number)));
}

int bench(const BenchFlags& flags) {
  if (flags.list.empty()) throw UsageError("no list", "--list", "give a list of token files with weights");
  if (flags.threads < 0 || flags.threads > 4096)
    throw UsageError(fmt::format("{} threads", flags.threads), "--threads", "give 0 (all cores) to 4096");
  Pool pool(static_cast<int>(flags.threads));
  const BlendIndices indices = flags.exhaustive ? blend_by_size(flags, pool) : blend_by_weight(flags, pool);
  const auto size = static_cast<double>(indices.datasets.size());

  nlohmann::ordered_json json;
  json["samples"] = indices.datasets.size();
  json["threads"] = pool.threads();
  json["seconds"] = indices.seconds;
  json["samples_per_s"] = size / indices.seconds;
  json["bytes"] = indices.datasets.size() * (sizeof(int16_t) + sizeof(int64_t));
  json["dataset_index_xxh3"] = hash_of(indices.datasets);
  json["dataset_sample_index_xxh3"] = hash_of(indices.samples);
  if (!flags.out.empty()) {
    const auto start = std::chrono::steady_clock::now();
    write_index(Path(flags.out) / "dataset_index.npy", indices.datasets);
    write_index(Path(flags.out) / "dataset_sample_index.npy", indices.samples);
    json["write_seconds"] = seconds_since(start);
  }
  if (flags.json)
    fmt::print("{}\n", json.dump(2));
  else
    fmt::print("{} samples blended in {:.3f} s on {} threads, {:.1f} ns each\n", indices.datasets.size(),
               indices.seconds, pool.threads(), 1e9 * indices.seconds / size);
  return 0;
}

}  // namespace

Command blend_bench_megatron_command() {
  return {"bench-megatron", "how long Megatron-Core's blend indices take to build, byte for byte",
          [](Arguments& arguments) {
            auto flags = std::make_shared<BenchFlags>();
            arguments.option("--list", flags->list, "token files with weights (format/data_list.h)");
            arguments.option("--samples", flags->samples, "samples of the blend");
            arguments.flag("--exhaustive", flags->exhaustive,
                           "weights are numbers of samples, all of which are used up; no --samples");
            arguments.option("--threads", flags->threads, "0: all cores");
            arguments.option("--out", flags->out,
                             "folder for dataset_index.npy and dataset_sample_index.npy; default: none");
            arguments.flag("--json", flags->json, "print the result as JSON");
            return std::function<int()>([flags] { return bench(*flags); });
          }};
}

}  // namespace aurora::apps
