#include "aurora/format/manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "aurora/base/error.h"
#include "aurora/base/fault.h"
#include "aurora/base/hash.h"
#include "aurora/format/json_value.h"

namespace aurora::format {
namespace {

constexpr const char* kName = "manifest.json";
constexpr const char* kFormat = "aurora-manifest";
constexpr uint64_t kVersion = 1;
constexpr const char* kMadeBy = "aurora 0.1.0";
constexpr const char* kRemedy = "remove the folder and run its stage again";

OrderedJson to_json(const std::vector<FileRecord>& records) {
  OrderedJson array = OrderedJson::array();
  for (const FileRecord& record : records) {
    array.push_back({{"name", record.name}, {"size", record.size}, {"xxh3_128", record.hash}});
  }
  return array;
}

std::vector<FileRecord> records_of(const Json& array, const std::string& where) {
  std::vector<FileRecord> records;
  for (const Json& item : array) {
    JsonObject object(item, where, kRemedy);
    records.push_back({object.text("name"), object.number("size"), object.text("xxh3_128")});
  }
  return records;
}

std::string print(const Manifest& manifest) {
  OrderedJson notes = OrderedJson::array();
  for (const auto& [key, value] : manifest.notes) notes.push_back(OrderedJson::array({key, value}));
  OrderedJson json = {{"format", kFormat},
                      {"version", kVersion},
                      {"stage", manifest.stage},
                      {"revision", manifest.revision},
                      {"fingerprint", manifest.fingerprint},
                      {"made_by", manifest.made_by},
                      {"inputs", to_json(manifest.inputs)},
                      {"outputs", to_json(manifest.outputs)},
                      {"notes", notes}};
  return json.dump(2) + "\n";
}

// A path of the manifest must stay below its folder.
bool stays_below(const std::string& name) {
  Path path(name);
  if (name.empty() || path.is_absolute()) return false;
  return std::none_of(path.begin(), path.end(), [](const Path& part) { return part == ".."; });
}

}  // namespace

std::string Manifest::note(const std::string& key) const {
  for (const auto& [name, value] : notes) {
    if (name == key) return value;
  }
  return "";
}

FileRecord record_file(const Path& path, std::string name) {
  Hash128 hash = hash_file(path);  // an Error when the file is missing
  return {std::move(name), std::filesystem::file_size(path), hash.hex()};
}

FileRecord record_folder(const Path& folder, std::string name) {
  if (!has_manifest(folder)) {
    throw Error("the folder is not finished: it has no manifest", folder.string(),
                "run the stage that makes it");
  }
  return record_file(manifest_path(folder), std::move(name));
}

Path manifest_path(const Path& folder) {
  return folder / kName;
}

bool has_manifest(const Path& folder) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(manifest_path(folder), ignored);
}

Manifest write_manifest(const Path& folder, Manifest manifest) {
  manifest.made_by = kMadeBy;
  manifest.outputs.clear();
  // Folders below may hold their own partial files; list first, then clear each folder once.
  remove_partials(folder);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_directory()) remove_partials(entry.path());
  }
  for (const Path& path : list_files(folder)) {
    std::string name = path.lexically_relative(folder).generic_string();
    if (name != kName) manifest.outputs.push_back(record_file(path, name));
  }
  std::sort(manifest.outputs.begin(), manifest.outputs.end(),
            [](const FileRecord& a, const FileRecord& b) { return a.name < b.name; });
  fault_point("manifest.before");
  write_file_atomic(manifest_path(folder), print(manifest));
  fault_point("manifest.after");
  return manifest;
}

Manifest read_manifest(const Path& folder) {
  std::string where = manifest_path(folder).string();
  Json json = parse_json(read_file(manifest_path(folder)), where, kRemedy);
  JsonObject object(json, where, kRemedy);
  if (object.text("format") != kFormat) object.refuse("not a manifest of aurora");
  if (object.number("version") != kVersion) {
    object.refuse(
        fmt::format("manifest version {}, this program reads {}", object.number("version"), kVersion));
  }
  Manifest manifest;
  manifest.stage = object.text("stage");
  manifest.revision = static_cast<uint32_t>(object.number("revision"));
  manifest.fingerprint = object.text("fingerprint");
  manifest.made_by = object.text("made_by");
  manifest.inputs = records_of(object.array("inputs"), where);
  manifest.outputs = records_of(object.array("outputs"), where);
  for (const FileRecord& record : manifest.outputs) {
    if (!stays_below(record.name)) object.refuse("output \"" + record.name + "\" lies outside the folder");
  }
  for (const Json& note : object.array("notes")) {
    if (!note.is_array() || note.size() != 2 || !note[0].is_string() || !note[1].is_string()) {
      object.refuse("a note is no pair of strings");
    }
    manifest.notes.emplace_back(note[0].get<std::string>(), note[1].get<std::string>());
  }
  return manifest;
}

bool is_current(const Path& folder, const std::string& stage, const std::string& fingerprint,
                const std::vector<FileRecord>& inputs) {
  if (!has_manifest(folder)) return false;
  try {
    Manifest manifest = read_manifest(folder);
    if (manifest.stage != stage || manifest.fingerprint != fingerprint || manifest.inputs != inputs) {
      return false;
    }
    return std::all_of(manifest.outputs.begin(), manifest.outputs.end(), [&](const FileRecord& record) {
      std::error_code failed;
      uint64_t size = std::filesystem::file_size(folder / record.name, failed);
      return !failed && size == record.size;
    });
  } catch (const Error&) {
    return false;  // a damaged manifest: the stage runs again
  }
}

std::vector<std::string> verify_manifest(const Path& folder) {
  std::vector<std::string> damages;
  for (const FileRecord& record : read_manifest(folder).outputs) {
    Path path = folder / record.name;
    std::error_code failed;
    uint64_t size = std::filesystem::file_size(path, failed);
    if (failed) {
      damages.push_back(path.string() + " is missing");
    } else if (size != record.size) {
      damages.push_back(fmt::format("{} has {} bytes, not {}", path.string(), size, record.size));
    } else if (hash_file(path).hex() != record.hash) {
      damages.push_back(path.string() + " has the right size but other bytes");
    }
  }
  return damages;
}

}  // namespace aurora::format
