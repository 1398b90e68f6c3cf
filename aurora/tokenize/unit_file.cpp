#include "aurora/tokenize/unit_file.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>

#include "aurora/base/error.h"
#include "aurora/base/fault.h"
#include "aurora/format/json_value.h"

namespace aurora::tokenize {
namespace {

constexpr const char* kRemedy = "remove the file and tokenize again";
constexpr uint64_t kMagic = 0x31544e5541525541;  // "AURAUNT1"
constexpr uint64_t kMaxRecordBytes = uint64_t{1} << 30;

struct Trailer {
  uint64_t record_bytes = 0;
  uint64_t record_hash = 0;
  uint64_t magic = kMagic;
};

template <typename T>
std::string_view bytes_of(const std::vector<T>& numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(T)};
}

format::OrderedJson counts_json(const TokenCounts& counts) {
  return {counts.documents, counts.bytes, counts.tokens};
}

TokenCounts counts_of(const format::Json& json) {
  return {json.at(0).get<uint64_t>(), json.at(1).get<uint64_t>(), json.at(2).get<uint64_t>()};
}

}  // namespace

Path UnitName::in(const Path& work_folder) const {
  return work_folder / fmt::format("{:06}-{:06}.unit", shard, unit);
}

std::optional<UnitName> UnitName::of_file(const std::string& file_name) {
  UnitName name;
  if (std::sscanf(file_name.c_str(), "%u-%u", &name.shard, &name.unit) != 2) return std::nullopt;
  return name.in("").native() == file_name ? std::optional(name) : std::nullopt;
}

std::string UnitRecord::to_json() const {
  format::OrderedJson json = {{"version", 1},
                              {"job", job},
                              {"shard", name.shard},
                              {"unit", name.unit},
                              {"ends_shard", ends_shard},
                              {"sections", {token_bytes, table_bytes, held_out_bytes, rejected_bytes}},
                              {"hash", hash},
                              {"rejected", rejected},
                              {"parts", format::OrderedJson::array()}};
  for (const TokenizedPart& part : parts) {
    json["parts"].push_back(
        {part.corpus, part.language, counts_json(part.training), counts_json(part.held_out)});
  }
  return json.dump();
}

UnitRecord UnitRecord::from_json(std::string_view text, const std::string& where) {
  const format::Json json = format::parse_json(text, where, kRemedy);
  UnitRecord record;
  try {
    record.job = json.at("job");
    record.name = {json.at("shard"), json.at("unit")};
    record.ends_shard = json.at("ends_shard");
    const format::Json& sections = json.at("sections");
    record.token_bytes = sections.at(0);
    record.table_bytes = sections.at(1);
    record.held_out_bytes = sections.at(2);
    record.rejected_bytes = sections.at(3);
    record.hash = json.at("hash");
    record.rejected = json.at("rejected");
    for (const format::Json& part : json.at("parts"))
      record.parts.push_back({part.at(0), part.at(1), counts_of(part.at(2)), counts_of(part.at(3))});
  } catch (const nlohmann::json::exception& error) {
    throw Error(fmt::format("not the record of a unit: {}", error.what()), where, kRemedy);
  }
  return record;
}

TokenCounts UnitRecord::counts() const {
  TokenCounts sum;
  for (const TokenizedPart& part : parts) {
    sum.add(part.training);
    sum.add(part.held_out);
  }
  return sum;
}

UnitWriter::UnitWriter(const Path& work_folder, UnitName name, std::string job, format::TokenType type)
    : file_(name.in(work_folder)), type_(type) {
  record_.name = name;
  record_.job = std::move(job);
}

uint32_t UnitWriter::part_of(const std::pair<std::string, std::string>& part) {
  const auto [found, is_new] = parts_.emplace(part, static_cast<uint32_t>(record_.parts.size()));
  if (is_new) record_.parts.push_back({part.first, part.second, {}, {}});
  return found->second;
}

uint64_t UnitWriter::write_section(std::string_view bytes) {
  file_.write(bytes);
  hasher_.update(bytes);
  return bytes.size();
}

void UnitWriter::add(const EncodedBlock& block) {
  if (type_ == format::TokenType::kI32) {
    record_.token_bytes += write_section(bytes_of(block.tokens));
  } else {
    stored_.clear();
    format::store_tokens(block.tokens, type_, stored_);
    record_.token_bytes += write_section(bytes_of(stored_));
  }
  std::vector<uint32_t> parts;
  for (const auto& part : block.parts) parts.push_back(part_of(part));
  for (EncodedDocument document : block.documents) {
    document.part = parts[document.part];
    documents_.push_back(document);
    TokenizedPart& part = record_.parts[document.part];
    (document.held_out_by_key ? part.held_out : part.training).add({1, document.text_bytes, document.tokens});
  }
  ids_ += block.ids;
  held_out_ += block.held_out;
  for (const InputProblem& problem : block.rejected) {
    rejected_ += fmt::format("{}\t{}\n", problem.where, problem.what);
    ++record_.rejected;
  }
}

void UnitWriter::commit(bool ends_shard) {
  record_.ends_shard = ends_shard;
  static_assert(sizeof(EncodedDocument) == 24);
  record_.table_bytes = write_section(bytes_of(documents_));
  record_.table_bytes += write_section(ids_);
  record_.held_out_bytes = write_section(held_out_);
  record_.rejected_bytes = write_section(rejected_);
  record_.hash = hasher_.digest().hex();
  const std::string record = record_.to_json();
  const Trailer trailer{record.size(), xxh3_64(record)};
  file_.write(record);
  file_.write(&trailer, sizeof trailer);
  fault_point("tokenize.unit");
  file_.commit();
}

void UnitReader::refuse(const std::string& what) const {
  throw Error(what, file_->name(), kRemedy);
}

UnitReader::UnitReader(const Path& path) : file_(open_range_file(path)) {
  Trailer trailer;
  const uint64_t size = file_->size();
  if (size < sizeof trailer) refuse("too short for a unit");
  file_->read(size - sizeof trailer, &trailer, sizeof trailer);
  const uint64_t before = size - sizeof trailer;
  if (trailer.magic != kMagic || trailer.record_bytes > std::min(before, kMaxRecordBytes))
    refuse("not a unit of a tokenize run");
  const std::string text = section(before - trailer.record_bytes, trailer.record_bytes);
  if (xxh3_64(text) != trailer.record_hash) refuse("the record of the unit is damaged");
  record_ = UnitRecord::from_json(text, file_->name());
  const UnitRecord& r = record_;
  const uint64_t sections = r.token_bytes + r.table_bytes + r.held_out_bytes + r.rejected_bytes;
  if (sections != before - trailer.record_bytes ||
      r.table_bytes < r.counts().documents * sizeof(EncodedDocument))
    refuse("the unit is not as large as its record says");
}

bool UnitReader::is_sound() const {
  constexpr uint64_t kPiece = 1 << 20;
  const UnitRecord& r = record_;
  const uint64_t end = r.token_bytes + r.table_bytes + r.held_out_bytes + r.rejected_bytes;
  Hasher hasher;
  for (uint64_t at = 0; at < end; at += kPiece) hasher.update(section(at, std::min(kPiece, end - at)));
  return hasher.digest().hex() == r.hash;
}

std::string UnitReader::section(uint64_t offset, uint64_t bytes) const {
  std::string out(bytes, '\0');
  file_->read(offset, out.data(), bytes);
  return out;
}

UnitTable UnitReader::table() const {
  UnitTable table;
  table.documents.resize(record_.counts().documents);
  const uint64_t fixed = table.documents.size() * sizeof table.documents[0];
  file_->read(record_.token_bytes, table.documents.data(), fixed);
  table.ids = section(record_.token_bytes + fixed, record_.table_bytes - fixed);
  return table;
}

std::string UnitReader::held_out_lines() const {
  return section(record_.token_bytes + record_.table_bytes, record_.held_out_bytes);
}

std::string UnitReader::rejected_lines() const {
  return section(record_.token_bytes + record_.table_bytes + record_.held_out_bytes, record_.rejected_bytes);
}

void UnitReader::read_tokens(uint64_t first, uint64_t count, uint64_t token_bytes, void* out) const {
  file_->read(first * token_bytes, out, count * token_bytes);
}

}  // namespace aurora::tokenize
