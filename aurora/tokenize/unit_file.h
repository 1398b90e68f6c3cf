// A unit on disk (docs/formats/tokens.md): a piece of a shard, encoded. It is written aside and renamed, so
// it is there as a whole or not at all.
//
//   tokens | table | held-out lines | rejected lines | record, JSON | trailer
//
// table: EncodedDocuments, then their ids. trailer: u64 bytes of the record, its xxh3-64, magic.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aurora/base/file.h"
#include "aurora/base/hash.h"
#include "aurora/base/range_file.h"
#include "aurora/tokenize/block_encoder.h"
#include "aurora/tokenize/tokenize.h"

namespace aurora::tokenize {

struct UnitName {
  uint32_t shard = 0;
  uint32_t unit = 0;
  auto operator<=>(const UnitName&) const = default;

  Path in(const Path& work_folder) const;
  static std::optional<UnitName> of_file(const std::string& file_name);  // nullopt: no unit
};

struct UnitRecord {
  UnitName name;
  std::string job;  // whose: hash of all that decides what is in it
  bool ends_shard = false;
  std::vector<TokenizedPart> parts;  // by EncodedDocument::part; held out: by key
  uint64_t token_bytes = 0;          // of the sections
  uint64_t table_bytes = 0;          //
  uint64_t held_out_bytes = 0;       //
  uint64_t rejected_bytes = 0;       //
  uint64_t rejected = 0;             // lines
  std::string hash;                  // xxh3-128 of the sections

  std::string to_json() const;
  static UnitRecord from_json(std::string_view json, const std::string& where);
  TokenCounts counts() const;
};

class UnitWriter {
 public:
  UnitWriter(const Path& work_folder, UnitName name, std::string job, format::TokenType type);
  void add(const EncodedBlock& block);
  void commit(bool ends_shard);

 private:
  uint32_t part_of(const std::pair<std::string, std::string>& part);
  uint64_t write_section(std::string_view bytes);
  AtomicFile file_;
  format::TokenType type_;
  Hasher hasher_;
  UnitRecord record_;
  std::map<std::pair<std::string, std::string>, uint32_t> parts_;  // of the record
  std::vector<uint8_t> stored_;                                    // tokens of a block
  std::vector<EncodedDocument> documents_;
  std::string ids_;
  std::string held_out_;
  std::string rejected_;
};

struct UnitTable {
  std::vector<EncodedDocument> documents;
  std::string ids;
};

class UnitReader {
 public:
  // Error: damaged so that its record cannot be trusted.
  explicit UnitReader(const Path& path);
  const UnitRecord& record() const { return record_; }
  // Whether the sections are what the record says; reads all of it.
  bool is_sound() const;

  UnitTable table() const;
  std::string held_out_lines() const;
  std::string rejected_lines() const;
  void read_tokens(uint64_t first, uint64_t count, uint64_t token_bytes, void* out) const;

 private:
  std::string section(uint64_t offset, uint64_t bytes) const;
  [[noreturn]] void refuse(const std::string& what) const;
  std::unique_ptr<RangeFile> file_;
  UnitRecord record_;
};

}  // namespace aurora::tokenize
