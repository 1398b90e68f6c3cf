#include "aurora/dataset/collection_share.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <queue>

#include "aurora/base/check.h"

namespace aurora::dataset {
namespace {

std::vector<size_t> largest_first(std::span<const uint64_t> bytes) {
  std::vector<size_t> jobs(bytes.size());
  std::iota(jobs.begin(), jobs.end(), size_t{0});
  std::stable_sort(jobs.begin(), jobs.end(), [&](size_t a, size_t b) { return bytes[a] > bytes[b]; });
  return jobs;
}

// Between ranks of one program: job, length, bytes.
void append(std::string& message, const Finding& finding) {
  const uint64_t head[2] = {finding.job, finding.text.size()};
  message.append(reinterpret_cast<const char*>(head), sizeof head);
  message += finding.text;
}

std::vector<Finding> unpack(std::string_view message) {
  std::vector<Finding> findings;
  while (!message.empty()) {
    uint64_t head[2];
    AURORA_CHECK_LE(sizeof head, message.size());
    std::memcpy(head, message.data(), sizeof head);
    message.remove_prefix(sizeof head);
    AURORA_CHECK_LE(head[1], message.size());
    findings.push_back({head[0], std::string(message.substr(0, head[1]))});
    message.remove_prefix(head[1]);
  }
  return findings;
}

void broadcast_text(comm::Group& group, std::string& text) {
  uint64_t size = text.size();
  group.broadcast(&size, sizeof size, 0);
  text.resize(size);
  if (size > 0) group.broadcast(text.data(), size, 0);
}

std::string pack(const std::vector<Finding>& findings) {
  std::string message;
  for (const Finding& finding : findings) append(message, finding);
  return message;
}

}  // namespace

std::vector<int> assign_ranks(std::span<const uint64_t> bytes, int ranks) {
  using Load = std::pair<uint64_t, int>;  // bytes, rank
  std::priority_queue<Load, std::vector<Load>, std::greater<>> loads;
  for (int rank = 0; rank < ranks; ++rank) loads.push({0, rank});
  std::vector<int> owners(bytes.size(), 0);
  for (const size_t job : largest_first(bytes)) {
    auto [load, rank] = loads.top();
    loads.pop();
    owners[job] = rank;
    loads.push({load + bytes[job] + 1, rank});  // + 1: empty jobs are shared out too
  }
  return owners;
}

std::vector<size_t> jobs_of(std::span<const uint64_t> bytes, std::span<const int> owners, int rank) {
  std::vector<size_t> jobs = largest_first(bytes);
  std::erase_if(jobs, [&](size_t job) { return owners[job] != rank; });
  return jobs;
}

std::vector<Finding> share(comm::Group& group, std::vector<Finding> mine) {
  if (group.size() > 1) {
    std::string all;
    for (const std::string& part : group.gather(pack(mine), 0)) all += part;
    broadcast_text(group, all);
    mine = unpack(all);
  }
  std::stable_sort(mine.begin(), mine.end(),
                   [](const Finding& a, const Finding& b) { return a.job < b.job; });
  return mine;
}

std::vector<Finding> share_roots(comm::Group& group, std::vector<Finding> mine) {
  if (group.size() == 1) return mine;
  std::string all = pack(mine);
  broadcast_text(group, all);
  return unpack(all);
}

}  // namespace aurora::dataset
