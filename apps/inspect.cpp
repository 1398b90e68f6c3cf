// `aurora inspect PATH`: what a file or folder of ours is, and whether it is whole. Exit code 1 when it is
// not.

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "apps/checkpoints.h"
#include "apps/command.h"
#include "aurora/base/error.h"
#include "aurora/base/progress.h"
#include "aurora/comm/self.h"
#include "aurora/dataset/collection.h"
#include "aurora/format/document.h"
#include "aurora/format/manifest.h"
#include "aurora/format/safetensors.h"
#include "aurora/format/token_file.h"
#include "aurora/release/hugging_face.h"

namespace aurora::apps {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

struct Finding {
  Json facts;                        // "kind" first
  std::vector<std::string> damages;  // empty: whole
};

Finding inspect_token_file(Path path) {
  const format::TokenFile file(path.replace_extension());
  Finding finding;
  finding.facts = {
      {"kind", "token file (.bin/.idx)"}, {"documents", file.documents()}, {"tokens", file.tokens()}};
  return finding;
}

Finding inspect_safetensors(const Path& path) {
  const format::SafetensorsFile file(path);
  uint64_t elements = 0;
  for (const format::StoredTensor& tensor : file.tensors()) elements += tensor.spec.elements();
  Finding finding;
  finding.facts = {{"kind", "safetensors"}, {"tensors", file.tensors().size()}, {"elements", elements}};
  return finding;
}

Finding inspect_tokenizer(const Path& path) {
  const tokenizer::Tokenizer tokenizer = tokenizer::Tokenizer::load(path);
  Finding finding;
  finding.facts = {{"kind", "tokenizer.json (byte-level BPE)"},
                   {"vocabulary", tokenizer.vocab_size()},
                   {"end_of_document", tokenizer.end_of_document()},
                   {"fingerprint", tokenizer.fingerprint()}};
  return finding;
}

Finding inspect_collection(const Path& path) {
  const dataset::Collection collection = dataset::read_collection(path);
  std::set<std::string> corpora;
  uint64_t documents = 0, bytes = 0;
  for (const dataset::CollectionFile& file : collection.files) {
    corpora.insert(file.corpus);
    documents += file.documents;
    bytes += file.bin_bytes + file.idx_bytes;
  }
  Finding finding;
  finding.facts = {{"kind", "collection of token files"},
                   {"identity", collection.identity()},
                   {"files", collection.files.size()},
                   {"corpora", corpora.size()},
                   {"documents", documents},
                   {"tokens", collection.tokens()},
                   {"bytes", bytes}};
  Pool pool(0);
  finding.damages = dataset::verify_collection(path, collection, *comm::self_group(), pool);
  return finding;
}

Finding inspect_checkpoint(const Path& path) {
  Finding finding;
  finding.facts["kind"] = "checkpoint";
  finding.damages = format::verify_manifest(path);
  if (!finding.damages.empty()) return finding;
  const train::CheckpointState state = train::read_checkpoint_state(path);
  finding.facts["step"] = state.loop.step;
  finding.facts["tokens"] = state.loop.tokens;
  finding.facts["loss"] = state.loop.loss;
  finding.facts["weights_hash"] = state.weights_hash;
  finding.facts["numerics"] = state.numerics;
  return finding;
}

Finding inspect_stage_folder(const Path& path) {
  Finding finding;
  const format::Manifest manifest = format::read_manifest(path);
  finding.facts = {{"kind", "folder of the stage " + manifest.stage},
                   {"fingerprint", manifest.fingerprint},
                   {"files", manifest.outputs.size()}};
  for (const auto& [key, value] : manifest.notes) finding.facts[key] = value;
  finding.damages = format::verify_manifest(path);
  return finding;
}

Finding inspect_documents_file(const Path& path) {
  int64_t documents = 0, bytes = 0;
  format::DocumentReader reader(std::vector<Path>{path});
  for (format::Document document; reader.next(document); ++documents)
    bytes += static_cast<int64_t>(document.text.size());
  Finding finding;
  finding.facts = {{"kind", "documents"}, {"documents", documents}, {"text_bytes", bytes}};
  return finding;
}

Finding inspect_release(const Path& path) {
  Finding finding;
  finding.facts["kind"] = "release (Hugging Face layout)";
  finding.damages = release::verify_sha256sums(path);
  return finding;
}

Finding inspect_run(const Path& path) {
  Finding finding;
  finding.facts["kind"] = "run";
  finding.facts["stages"] = Json::object();
  for (const char* name : {"documents", "tokenizer", "tokens", "checkpoints", "evaluation", "release"}) {
    if (!fs::exists(path / name)) continue;
    if (!format::has_manifest(path / name)) {
      finding.facts["stages"][name] = "not finished";
      continue;
    }
    const std::vector<std::string> damages = format::verify_manifest(path / name);
    finding.facts["stages"][name] = damages.empty() ? "whole" : "damaged";
    finding.damages.insert(finding.damages.end(), damages.begin(), damages.end());
  }
  Log log(2, true);
  if (fs::is_directory(path / "checkpoints")) {
    if (const auto newest = train::find_checkpoint(path / "checkpoints", log)) {
      const train::CheckpointState state = train::read_checkpoint_state(*newest);
      finding.facts["checkpoint"] = newest->string();
      finding.facts["step"] = state.loop.step;
      finding.facts["weights_hash"] = state.weights_hash;
    }
  }
  return finding;
}

Finding inspect_path(const Path& path) {
  if (!fs::exists(path)) throw Error("no such file or folder", path.string(), "check the path");
  if (fs::is_directory(path)) {
    if (fs::exists(path / "state.json") && fs::exists(path / "model.safetensors"))
      return inspect_checkpoint(path);
    if (format::has_manifest(path)) return inspect_stage_folder(path);
    if (fs::exists(path / "SHA256SUMS")) return inspect_release(path);
    if (fs::exists(path / "recipe.toml")) return inspect_run(path);
    throw Error("not a folder of ours", path.string(),
                "name a run, a stage's folder, a checkpoint or a release");
  }
  const std::string name = path.filename().string();
  const auto ends_with = [&](const char* ending) { return name.ends_with(ending); };
  if (ends_with(".idx") || ends_with(".bin")) return inspect_token_file(path);
  if (ends_with(".safetensors")) return inspect_safetensors(path);
  if (ends_with(".jsonl.zst") || ends_with(".jsonl.gz") || ends_with(".jsonl"))
    return inspect_documents_file(path);
  if (ends_with(".json") && dataset::is_collection(path)) return inspect_collection(path);
  if (name == "tokenizer.json") return inspect_tokenizer(path);
  if (name == "manifest.json") return inspect_stage_folder(path.parent_path());
  throw Error("not a file of ours", path.string(),
              "known: .bin .idx .safetensors .jsonl.zst tokenizer.json manifest.json, manifests of "
              "collections, and the folders that hold them");
}

void print_text(const Path& path, const Finding& finding) {
  fmt::print("{}\n", path.string());
  for (const auto& [key, value] : finding.facts.items()) {
    if (!value.is_object()) {
      fmt::print("  {:<16} {}\n", key, value.is_string() ? value.get<std::string>() : value.dump());
      continue;
    }
    for (const auto& [inner, text] : value.items())
      fmt::print("  {:<16} {}: {}\n", key, inner, text.get<std::string>());
  }
  for (const std::string& damage : finding.damages) fmt::print("  damaged          {}\n", damage);
  if (finding.damages.empty()) fmt::print("  whole\n");
}

int inspect(const std::string& path, bool json) {
  Finding finding = inspect_path(path);
  if (json) {
    finding.facts["whole"] = finding.damages.empty();
    finding.facts["damages"] = finding.damages;
    fmt::print("{}\n", finding.facts.dump(2));
  } else {
    print_text(path, finding);
  }
  return finding.damages.empty() ? 0 : 1;
}

}  // namespace

Command inspect_command() {
  return {"inspect", "what a file or folder of ours is, and whether it is whole", [](Arguments& arguments) {
            auto path = std::make_shared<std::string>();
            auto json = std::make_shared<bool>(false);
            arguments.positional("path", *path, "run, stage folder, checkpoint, release, or a file of ours");
            arguments.flag("--json", *json, "print the result as JSON");
            return std::function<int()>([path, json] { return inspect(*path, *json); });
          }};
}

}  // namespace aurora::apps
