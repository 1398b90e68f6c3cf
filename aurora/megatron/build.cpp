#include "aurora/megatron/build.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "aurora/base/error.h"
#include "aurora/megatron/blend.h"
#include "aurora/megatron/cache.h"
#include "aurora/megatron/indices.h"

namespace aurora::megatron {

namespace {

// One file's indices of one split.
struct Task {
  size_t file = 0;  // into Run::files
  BookEnds ends;
  DatasetIdentity identity;
  std::string description;
  IndexSettings settings;
  IndexPlan plan;
  bool valid = false;  // there already
};

struct Run {
  const BuildSettings& settings;
  Pool& pool;
  std::vector<Path> files;
  std::vector<Task> tasks;
};

// How one split's samples are spread over its files.
struct SplitPlan {
  Split split = Split::kTrain;
  std::vector<BlendFile> files;
  std::vector<double> weights;  // normalised once; empty: none given
  bool blended = false;
  std::optional<int64_t> samples;  // asked for
  std::vector<size_t> tasks;       // one per file
};

bool has_weights(const std::vector<BlendFile>& files) {
  const bool any = std::any_of(files.begin(), files.end(), [](const BlendFile& f) { return f.weight != 0; });
  if (!any) return false;
  for (const BlendFile& file : files) {
    if (!(file.weight > 0) || !std::isfinite(file.weight)) {
      throw Error(fmt::format("weight {} of {}", file.weight, file.name), "",
                  "Megatron blends weights above 0 only: leave the file out or give it one");
    }
  }
  return true;
}

SplitPlan plan_split(const BuildSettings& settings, Split split, const std::vector<BlendFile>& files) {
  SplitPlan plan;
  plan.split = split;
  plan.files = files;
  plan.samples = settings.samples[static_cast<size_t>(split)];
  if (has_weights(files)) {
    std::vector<double> weights;
    for (const BlendFile& file : files) weights.push_back(file.weight);
    plan.weights = normalized(weights);
    if (!plan.samples) {
      throw Error(fmt::format("weights, but no number of samples of {}", split_name(split)), "",
                  "give the number, or leave the weights out");
    }
  }
  const bool one_list = settings.files_of_split[static_cast<size_t>(split)].empty();
  plan.blended = files.size() > 1 || (one_list && !plan.weights.empty());
  return plan;
}

std::vector<std::pair<SplitPlan, BookEnds>> plan_splits(const BuildSettings& settings) {
  std::vector<std::pair<SplitPlan, BookEnds>> plans;
  if (!settings.files.empty()) {
    if (!settings.split) throw Error("one list, but no split", "", "give the split, e.g. 969, 30, 1");
    const SplitMatrix matrix = split_matrix(*settings.split);
    for (const Split split : kSplits) {
      if (const auto& ends = matrix[static_cast<size_t>(split)])
        plans.emplace_back(plan_split(settings, split, settings.files), *ends);
    }
    return plans;
  }
  for (const Split split : kSplits) {
    const auto& files = settings.files_of_split[static_cast<size_t>(split)];
    if (!files.empty()) plans.emplace_back(plan_split(settings, split, files), BookEnds{});
  }
  if (plans.empty()) throw Error("no token file in the list", "", "name one at least");
  return plans;
}

// What Megatron asks of the file: its share with the surplus, or all (nothing), or what is wanted of it
// alone.
std::optional<int64_t> samples_of_file(const SplitPlan& plan, size_t file, double surplus) {
  if (!plan.blended) return plan.samples;
  if (plan.weights.empty()) return std::nullopt;
  return samples_of_weight(*plan.samples, plan.weights[file], surplus);
}

// Tasks of the splits; equal ones (a file listed twice) are one.
void add_tasks(Run& run, std::vector<std::pair<SplitPlan, BookEnds>>& plans) {
  std::map<std::string, size_t> known_files;
  std::map<std::string, size_t> known_tasks;
  for (auto& [plan, ends] : plans) {
    for (size_t i = 0; i < plan.files.size(); ++i) {
      const BlendFile& file = plan.files[i];
      const auto place = known_files.emplace(file.prefix.string(), run.files.size());
      if (place.second) run.files.push_back(file.prefix);
      Task task;
      task.file = place.first->second;
      task.ends = ends;
      const BuildSettings& settings = run.settings;
      task.identity = {.path = file.name,
                       .samples = samples_of_file(plan, i, settings.surplus),
                       .split = plan.split,
                       .seed = settings.seed,
                       .sequence_length = settings.sequence_length,
                       .split_text = settings.files.empty() ? std::nullopt : settings.split,
                       .tokenizer = settings.tokenizer};
      task.description = dataset_description(task.identity);
      task.settings = {.sequence_length = settings.sequence_length,
                       .seed = settings.seed,
                       .extra_token = settings.extra_token,
                       .drop_last_partial = plan.split != Split::kValid || settings.drop_last_partial};
      const auto known = known_tasks.emplace(task.description, run.tasks.size());
      if (known.second) run.tasks.push_back(std::move(task));
      plan.tasks.push_back(known.first->second);
    }
  }
}

std::vector<CacheArray> arrays_of(const CacheFiles& files, const IndexPlan& plan, const Indices& indices) {
  using format::NpyType;
  const auto rows = static_cast<uint64_t>(plan.samples + 1);
  const auto entries = static_cast<uint64_t>(plan.shuffle_entries());
  std::vector<CacheArray> arrays;
  arrays.push_back({files.documents_path(), NpyType::kI32, {plan.documents()}, indices.documents.data()});
  if (plan.wide_rows()) {
    arrays.push_back({files.samples_path(), NpyType::kI64, {rows, 2}, indices.wide_samples.data()});
  } else {
    arrays.push_back({files.samples_path(), NpyType::kI32, {rows, 2}, indices.samples.data()});
  }
  if (plan.wide_shuffle()) {
    arrays.push_back({files.shuffle_path(), NpyType::kI64, {entries}, indices.wide_shuffle.data()});
  } else {
    arrays.push_back({files.shuffle_path(), NpyType::kU32, {entries}, indices.shuffle.data()});
  }
  return arrays;
}

CacheFiles files_of(const Run& run, const Task& task) {
  return CacheFiles::of_dataset(run.settings.cache, task.description, task.identity.split);
}

// Counts tokens and looks whether the cache is there; the tasks of one file together.
void plan_tasks(Run& run) {
  std::vector<std::vector<Task*>> tasks_of_file(run.files.size());
  for (Task& task : run.tasks) tasks_of_file[task.file].push_back(&task);
  run.pool.for_each(run.files.size(), [&](size_t file) {
    const SequenceLengths lengths(run.files[file]);
    if (lengths.tokens() == 0) {
      throw Error("a token file without a token, which Megatron cannot open", run.files[file].string(),
                  "leave it out of the list");
    }
    for (Task* task : tasks_of_file[file]) {
      const SequenceRange range = split_range(task->ends, lengths.size());
      try {
        task->plan =
            plan_indices(range, lengths.sum(range.begin, range.end), task->identity.samples, task->settings);
      } catch (const Error& error) {
        throw Error(error.happened(),
                    fmt::format("{} ({})", run.files[file].string(), split_name(task->identity.split)),
                    error.remedy());
      }
      const CacheFiles files = files_of(run, *task);
      task->valid = cache_is_valid(files.description_path(), task->description,
                                   arrays_of(files, task->plan, Indices()));
    }
  });
}

uint64_t build_task(const Run& run, const Task& task, Pool& pool) {
  const SequenceLengths lengths(run.files[task.file]);
  const Indices indices = build_indices(lengths, task.plan, task.settings, pool);
  const CacheFiles files = files_of(run, task);
  return publish_cache(files.description_path(), task.description, arrays_of(files, task.plan, indices));
}

uint64_t work_of(const Task& task) {
  return task.plan.documents() + static_cast<uint64_t>(task.plan.samples);
}

// Tasks that would keep one core longer than all others together keep theirs are built one by one on all
// cores, the rest side by side, the longest first.
void build_tasks(const Run& run, BuildResult& result) {
  std::vector<const Task*> todo;
  uint64_t work = 0;
  for (const Task& task : run.tasks) {
    if (task.valid) {
      ++result.kept;
      continue;
    }
    todo.push_back(&task);
    work += work_of(task);
    result.documents += task.plan.documents();
    result.samples += static_cast<uint64_t>(task.plan.samples);
  }
  std::stable_sort(todo.begin(), todo.end(),
                   [](const Task* a, const Task* b) { return work_of(*a) > work_of(*b); });
  const uint64_t share = work / static_cast<uint64_t>(run.pool.threads());
  size_t large = 0;
  while (large < todo.size() && work_of(*todo[large]) > share) {
    result.bytes_written += build_task(run, *todo[large++], run.pool);
  }
  std::vector<uint64_t> bytes(todo.size());
  run.pool.for_each(todo.size() - large,
                    [&](size_t i) { bytes[i] = build_task(run, *todo[large + i], Pool::serial()); });
  for (const uint64_t written : bytes) result.bytes_written += written;
  result.built += todo.size();
}

void check_draws(const Run& run, const SplitPlan& plan, std::span<const int16_t> datasets) {
  std::vector<int64_t> drawn(plan.files.size());
  for (const int16_t dataset : datasets) ++drawn[static_cast<size_t>(dataset)];
  for (size_t i = 0; i < drawn.size(); ++i) {
    const int64_t samples = run.tasks[plan.tasks[i]].plan.samples;
    if (drawn[i] > samples) {
      throw Error(
          fmt::format("the blend of {} asks for {} samples of {}", split_name(plan.split), drawn[i], samples),
          plan.files[i].name, "raise the surplus, as Megatron's mid_level_dataset_surplus");
    }
  }
}

// The weights and the size of the blend, as its description states them.
std::pair<BlendWeights, std::optional<int64_t>> blend_of(const Run& run, const SplitPlan& plan) {
  if (!plan.weights.empty()) {
    int64_t size = 0;
    for (const double weight : plan.weights) size += samples_of_weight(*plan.samples, weight, 0);
    return {normalized(plan.weights), size};  // Megatron normalises twice
  }
  std::vector<int64_t> sizes;
  std::vector<double> weights;
  int64_t total = 0;
  for (size_t i = 0; i < plan.tasks.size(); ++i) {
    const int64_t samples = run.tasks[plan.tasks[i]].plan.samples;
    if (samples == 0) {
      throw Error(fmt::format("no sample of {} in a file that is blended by size", split_name(plan.split)),
                  plan.files[i].name, "leave the file out; Megatron refuses it too");
    }
    sizes.push_back(samples);
    weights.push_back(static_cast<double>(samples));
    total += samples;
  }
  if (!plan.samples) return {sizes, std::nullopt};
  return {normalized(weights), std::min(*plan.samples, total)};
}

BuiltSplit build_blend(const Run& run, const SplitPlan& plan, BuildResult& result) {
  const auto [weights, size] = blend_of(run, plan);
  std::vector<DatasetIdentity> datasets;
  for (const size_t task : plan.tasks) datasets.push_back(run.tasks[task].identity);
  const std::string description = blend_description(datasets, plan.split, weights, size);
  const CacheFiles files = CacheFiles::of_blend(run.settings.cache, description, plan.split);

  const auto* const sizes = std::get_if<std::vector<int64_t>>(&weights);
  int64_t samples = size.value_or(0);
  if (!size) {
    for (const int64_t part : *sizes) samples += part;
  }
  const auto entries = static_cast<uint64_t>(samples);
  std::vector<CacheArray> arrays = {{files.blend_datasets_path(), format::NpyType::kI16, {entries}, nullptr},
                                    {files.blend_samples_path(), format::NpyType::kI64, {entries}, nullptr}};
  if (cache_is_valid(files.description_path(), description, arrays)) {
    ++result.kept;
    return {samples, files.description_path()};
  }
  const LargeArray<int16_t> blend_datasets(entries);
  const LargeArray<int64_t> blend_samples(entries);
  if (size) {
    greedy_blend(std::get<std::vector<double>>(weights), blend_datasets.span(), blend_samples.span(),
                 run.pool);
  } else {
    exhaustive_blend(*sizes, blend_datasets.span(), blend_samples.span(), run.pool);
  }
  check_draws(run, plan, blend_datasets.span());
  arrays[0].data = blend_datasets.data();
  arrays[1].data = blend_samples.data();
  result.bytes_written += publish_cache(files.description_path(), description, arrays);
  ++result.built;
  return {samples, files.description_path()};
}

}  // namespace

std::vector<BlendFile> blend_files(const Path& list, const std::vector<format::ListEntry>& entries) {
  std::vector<BlendFile> files;
  for (const format::ListEntry& entry : entries) {
    files.push_back({entry.prefix, format::list_entry_path(list, entry), entry.weight});
  }
  return files;
}

BuildResult build_caches(const BuildSettings& settings, Pool& pool) {
  Run run{settings, pool, {}, {}};
  auto plans = plan_splits(settings);
  add_tasks(run, plans);
  plan_tasks(run);
  BuildResult result;
  build_tasks(run, result);
  for (const auto& [plan, ends] : plans) {
    auto& built = result.splits[static_cast<size_t>(plan.split)];
    if (plan.blended) {
      built = build_blend(run, plan, result);
    } else {
      const Task& task = run.tasks[plan.tasks[0]];
      built = BuiltSplit{task.plan.samples, files_of(run, task).description_path()};
    }
  }
  return result;
}

}  // namespace aurora::megatron
