// `aurora blend export --megatron`: the caches that Megatron-Core would build of a list, made on all cores
// and put where it finds them.

#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>

#include "apps/command.h"
#include "aurora/base/error.h"
#include "aurora/base/progress.h"
#include "aurora/format/data_list.h"
#include "aurora/megatron/build.h"

namespace aurora::apps {
namespace {

struct ExportFlags {
  bool megatron = false;
  std::string list;
  std::string train_list, valid_list, test_list;
  int64_t sequence_length = 4096;
  int64_t samples = -1, valid = -1, test = -1;  // -1: not given
  std::string split = "969, 30, 1";
  int64_t seed = 1234;
  double surplus = 0.005;
  bool no_extra_token = false;
  bool keep_partial_valid = false;
  std::string tokenizer = "null";
  std::string cache;
  int64_t threads = 0;
  bool json = false;
};

// A number that was not given: none where nothing says how much, 0 where weights want one.
std::optional<int64_t> samples_of(int64_t given, const std::vector<megatron::BlendFile>& files) {
  if (given >= 0) return given;
  for (const megatron::BlendFile& file : files) {
    if (file.weight != 0) return 0;
  }
  return std::nullopt;
}

std::vector<megatron::BlendFile> files_of(const std::string& list) {
  if (list.empty()) return {};
  return megatron::blend_files(list, format::read_data_list(list));
}

megatron::BuildSettings settings_of(const ExportFlags& flags) {
  if (!flags.megatron)
    throw UsageError("export to what", "--megatron", "give --megatron: the one format known");
  if (flags.cache.empty()) throw UsageError("no folder for the caches", "--cache", "name one");
  if (flags.seed < 0 || flags.seed > UINT32_MAX)
    throw UsageError(fmt::format("seed {}", flags.seed), "--seed", "numpy takes 0 to 2^32-1");
  const bool per_split = !(flags.train_list + flags.valid_list + flags.test_list).empty();
  if (per_split == !flags.list.empty())
    throw UsageError("one list and lists per split", "--list", "give --list, or lists per split");

  megatron::BuildSettings settings;
  settings.files = files_of(flags.list);
  settings.split = flags.split;
  settings.files_of_split = {files_of(flags.train_list), files_of(flags.valid_list),
                             files_of(flags.test_list)};
  const int64_t given[] = {flags.samples, flags.valid, flags.test};
  for (size_t i = 0; i < settings.samples.size(); ++i) {
    settings.samples[i] = samples_of(given[i], per_split ? settings.files_of_split[i] : settings.files);
  }
  settings.sequence_length = flags.sequence_length;
  settings.seed = static_cast<uint32_t>(flags.seed);
  settings.extra_token = !flags.no_extra_token;
  settings.drop_last_partial = !flags.keep_partial_valid;
  settings.surplus = flags.surplus;
  settings.tokenizer =
      flags.tokenizer.starts_with('@') ? read_file(flags.tokenizer.substr(1)) : flags.tokenizer;
  settings.cache = flags.cache;
  return settings;
}

void print_result(const megatron::BuildResult& result, double seconds, bool as_json) {
  nlohmann::ordered_json json;
  json["seconds"] = seconds;
  json["built"] = result.built;
  json["kept"] = result.kept;
  json["bytes_written"] = result.bytes_written;
  json["documents"] = result.documents;
  json["samples"] = result.samples;
  if (!as_json) {
    fmt::print("{} caches built, {} there already; {}B written in {:.2f} s\n", result.built, result.kept,
               human_count(static_cast<double>(result.bytes_written)), seconds);
  }
  for (const megatron::Split split : megatron::kSplits) {
    const auto& built = result.splits[static_cast<size_t>(split)];
    if (!built) continue;
    const char* const name = megatron::split_name(split);
    json["splits"][name] = {{"samples", built->samples}, {"description", built->description.string()}};
    if (!as_json) fmt::print("{:<6} {:>14} samples  {}\n", name, built->samples, built->description.string());
  }
  if (as_json) fmt::print("{}\n", json.dump(2));
}

int export_order(const ExportFlags& flags) {
  const megatron::BuildSettings settings = settings_of(flags);
  Pool pool(static_cast<int>(flags.threads));
  const auto begin = std::chrono::steady_clock::now();
  const megatron::BuildResult result = megatron::build_caches(settings, pool);
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
  print_result(result, time.count(), flags.json);
  return 0;
}

void declare_flags(Arguments& arguments, ExportFlags& flags) {
  arguments.flag("--megatron", flags.megatron, "write the caches of Megatron-Core 0.16's GPTDataset");
  arguments.option("--list", flags.list, "data list: WEIGHT PREFIX [CORPUS] a line, or prefixes alone");
  arguments.option("--train-list", flags.train_list, "with the next two, in place of --list: one per split");
  arguments.option("--valid-list", flags.valid_list, "");
  arguments.option("--test-list", flags.test_list, "");
  arguments.option("--seq", flags.sequence_length, "sequence length; default 4096");
  arguments.option("--samples", flags.samples, "training samples; without: one epoch (0 with weights)");
  arguments.option("--valid", flags.valid, "validation samples");
  arguments.option("--test", flags.test, "test samples");
  arguments.option("--split", flags.split, "weights of the splits with --list; default \"969, 30, 1\"");
  arguments.option("--seed", flags.seed, "Megatron's --seed; default 1234");
  arguments.option("--surplus", flags.surplus, "mid_level_dataset_surplus; default 0.005");
  arguments.flag("--no-extra-token", flags.no_extra_token, "add_extra_token_to_sequence = False");
  arguments.flag("--keep-partial-valid", flags.keep_partial_valid,
                 "drop_last_partial_validation_sequence = False");
  arguments.option("--tokenizer-json", flags.tokenizer,
                   "json.dumps(tokenizer.unique_identifiers) of the run, or @FILE; default null");
  arguments.option("--cache", flags.cache, "folder: Megatron's --data-cache-path");
  arguments.option("--threads", flags.threads, "default: all cores");
  arguments.flag("--json", flags.json, "print the result as JSON");
}

}  // namespace

Command blend_export_command() {
  return {"export", "the order as files of another program: Megatron-Core's caches",
          [](Arguments& arguments) {
            auto flags = std::make_shared<ExportFlags>();
            declare_flags(arguments, *flags);
            return std::function<int()>([flags] { return export_order(*flags); });
          }};
}

}  // namespace aurora::apps
