// A manifest is what makes a folder count: `manifest.json`, written last, says which stage made the folder
// from which inputs and what every file in it must be (docs/formats/manifest.md). Its bytes are a pure
// function of its content: no times, no hosts, no absolute paths.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "aurora/base/file.h"

namespace aurora::format {

struct FileRecord {
  std::string name;  // of an output: path below the folder, '/' between parts; of an input: what it is
  uint64_t size = 0;
  std::string hash;  // xxh3-128, 32 hex digits
  bool operator==(const FileRecord&) const = default;
};

using Notes = std::vector<std::pair<std::string, std::string>>;

struct Manifest {
  std::string stage;
  uint32_t revision = 1;    // of the stage's output format
  std::string fingerprint;  // config::fingerprint of the stage: its `result` settings
  std::vector<FileRecord> inputs;
  std::vector<FileRecord> outputs;  // filled by write_manifest, sorted by name
  Notes notes;                      // counts and summaries for people and reports, in order
  std::string made_by;              // filled by write_manifest, e.g. "aurora 0.1.0"

  // The value of a note, or "" when there is none.
  std::string note(const std::string& key) const;
};

// A file as an input: its size and hash under `name`.
FileRecord record_file(const Path& path, std::string name);
// A finished stage folder as an input: the size and hash of its manifest, which hashes all the rest.
FileRecord record_folder(const Path& folder, std::string name);

Path manifest_path(const Path& folder);
bool has_manifest(const Path& folder);

// Hashes every file below `folder` (but the manifest itself and *.partial-*), then writes manifest.json
// atomically. Removes stray partial files first. Returns what was written.
Manifest write_manifest(const Path& folder, Manifest manifest);
// Error: missing or damaged, with file and key.
Manifest read_manifest(const Path& folder);

// True when the folder has a readable manifest of this stage, fingerprint and inputs, and every output is
// there with the size that it should have (hashes are not read; verify_manifest does that).
bool is_current(const Path& folder, const std::string& stage, const std::string& fingerprint,
                const std::vector<FileRecord>& inputs);

// Everything wrong with the folder's files, one sentence each naming the file; empty when whole.
std::vector<std::string> verify_manifest(const Path& folder);

}  // namespace aurora::format
