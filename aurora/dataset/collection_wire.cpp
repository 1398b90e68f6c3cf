#include "aurora/dataset/collection_wire.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "aurora/base/check.h"
#include "aurora/dataset/collection_json.h"

namespace aurora::dataset {
namespace {

// Neither messages nor paths nor JSON hold a zero byte.
constexpr char kEnd = '\0';
enum Field { kWhat, kWhere, kRemedy, kStamp, kFile, kFilesRead, kBytesRead, kFields };

uint64_t number(std::string_view text) {
  uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::vector<Finding> findings_of(const std::vector<Outcome>& outcomes) {
  std::vector<Finding> findings;
  for (const Outcome& outcome : outcomes) findings.push_back({outcome.job, print_outcome(outcome)});
  return findings;
}

std::vector<Outcome> outcomes_of(const std::vector<Finding>& findings) {
  std::vector<Outcome> outcomes;
  for (const Finding& finding : findings) outcomes.push_back(parse_outcome(finding));
  return outcomes;
}

}  // namespace

std::string print_outcome(const Outcome& outcome) {
  std::array<std::string, kFields> fields;
  if (outcome.failure) {
    fields[kWhat] = outcome.failure->happened();
    fields[kWhere] = outcome.failure->where();
    fields[kRemedy] = outcome.failure->remedy();
  }
  if (outcome.stamp) fields[kStamp] = print_stamp(*outcome.stamp);
  if (outcome.file) fields[kFile] = print_collection_file(*outcome.file);
  fields[kFilesRead] = fmt::format("{}", outcome.files_read);
  fields[kBytesRead] = fmt::format("{}", outcome.bytes_read);
  std::string text;
  for (const std::string& field : fields) text += field + kEnd;
  return text;
}

Outcome parse_outcome(const Finding& finding) {
  std::array<std::string, kFields> fields;
  size_t at = 0;
  for (std::string& field : fields) {
    const size_t end = finding.text.find(kEnd, at);
    AURORA_CHECK(end != std::string::npos, "a rank of another program");
    field = finding.text.substr(at, end - at);
    at = end + 1;
  }
  Outcome outcome;
  outcome.job = finding.job;
  if (!fields[kWhat].empty()) outcome.failure.emplace(fields[kWhat], fields[kWhere], fields[kRemedy]);
  if (!fields[kStamp].empty()) outcome.stamp = parse_stamp(fields[kStamp]);
  if (!fields[kFile].empty()) outcome.file = parse_collection_file(fields[kFile], "another rank");
  outcome.files_read = number(fields[kFilesRead]);
  outcome.bytes_read = number(fields[kBytesRead]);
  return outcome;
}

std::vector<Outcome> share_outcomes(comm::Group& group, std::vector<Outcome> mine) {
  if (group.size() > 1) return outcomes_of(share(group, findings_of(mine)));
  std::stable_sort(mine.begin(), mine.end(),
                   [](const Outcome& a, const Outcome& b) { return a.job < b.job; });
  return mine;
}

std::vector<Outcome> share_roots_outcomes(comm::Group& group, std::vector<Outcome> mine) {
  if (group.size() == 1) return mine;
  return outcomes_of(share_roots(group, findings_of(mine)));
}

}  // namespace aurora::dataset
