// Documents, a tokenizer and runs for the tests of this folder.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "aurora/base/fault.h"
#include "aurora/base/test_folder.h"
#include "aurora/comm/thread_ranks.h"
#include "aurora/format/document.h"
#include "aurora/tokenize/tokenize.h"
#include "aurora/tokenizer/trained_spec.h"

namespace aurora::tokenize {

// One token per byte and an end token.
inline tokenizer::Tokenizer byte_tokenizer() {
  std::vector<std::string> bytes;
  for (int byte = 0; byte < 256; ++byte) bytes.emplace_back(1, static_cast<char>(byte));
  return tokenizer::Tokenizer(tokenizer::spec_of_trained_bpe(bytes, {}, {"<|endoftext|>"}));
}

// Two corpora and two languages, in parts of some 300 bytes of text.
inline std::vector<format::Document> write_documents(const Path& folder, int count = 40) {
  std::vector<format::Document> documents;
  format::DocumentWriter writer(folder, "part", 300);
  for (int i = 0; i < count; ++i) {
    format::Document document;
    document.text = "document number " + std::to_string(i) + (i % 4 ? " in English" : " 日本語の文書");
    document.corpus = i % 2 ? "odd" : "even";
    document.language = i % 4 ? "en" : "ja";
    document.source = "made/" + std::to_string(i);
    document.id = format::document_id(document.corpus, document.source, document.text);
    writer.add(document);
    documents.push_back(document);
  }
  writer.finish();
  return documents;
}

// Many shards, units and blocks even of so little text.
constexpr Cuts kSmallCuts = {.shard_bytes = 600, .unit_bytes = 900, .block_bytes = 250, .line_bytes = 2000};

// Calls run(workers) on so many ranks, each of so many threads.
inline void on_ranks(int ranks, int threads, const std::function<void(const Workers&)>& run) {
  comm::run_threads(ranks, [&](comm::Group& group) {
    Pool pool(threads);
    run({group, pool, Log::silent()});
  });
}

// Calls run in a process of its own that is killed at the `count`-th fault point. Returns whether it was.
inline bool killed_at(uint64_t count, const std::function<void()>& run) {
  const pid_t child = ::fork();
  if (child == 0) {
    const int null = ::open("/dev/null", O_WRONLY);
    ::dup2(null, STDERR_FILENO);
    arm_fault(count);
    run();
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

// All files below a folder by their path in it.
inline std::map<std::string, std::string> contents(const Path& folder) {
  std::map<std::string, std::string> files;
  for (const Path& path : list_files(folder))
    files[path.lexically_relative(folder).string()] = read_file(path);
  return files;
}

inline void flip_byte(const Path& path, uint64_t at) {
  std::string bytes = read_file(path);
  bytes.at(at) ^= 1;
  write_file_atomic(path, bytes);
}

// The units in a working folder.
inline std::vector<Path> list_units_of(const Path& working) {
  std::vector<Path> paths;
  if (!std::filesystem::exists(working)) return paths;
  for (const Path& path : list_files(working))
    if (path.extension() == ".unit") paths.push_back(path);
  return paths;
}

// Of these documents rule 1 takes some; rule 2 wants more of Japanese.
inline HeldOutRule small_rule() {
  return {1, 0.1, 200, {"ja"}};
}

class OnePass : public testing::Test {
 protected:
  OnePass() : documents_(write_documents(folder_ / "documents")), tokenizer_(byte_tokenizer()) {}

  TokenizeSummary run(const Path& out, int ranks = 1, int threads = 1, const Cuts& cuts = kSmallCuts) {
    TokenizeSummary summary;
    on_ranks(ranks, threads, [&](const Workers& workers) {
      const TokenizeSummary its =
          tokenize_documents(folder_ / "documents", tokenizer_, small_rule(), out, workers, cuts);
      if (workers.group.rank() == 0) summary = its;
    });
    return summary;
  }
  static std::vector<Path> units(const Path& out) { return list_units_of(out / "working"); }
  // Leaves a run of `wanted` units or a few more in `out`.
  void cut_off_after(const Path& out, size_t wanted) {
    for (uint64_t point = 1; units(out).size() < wanted; ++point)
      ASSERT_TRUE(killed_at(point, [&] { run(out); }));
  }

  // Every step-th fault point, and after every third of them another crash of the run that goes on.
  void kill_at_points(uint64_t step) {
    run(folder_ / "whole");
    const auto wanted = contents(folder_ / "whole");
    const uint64_t before = fault_points_passed();
    run(folder_ / "counted");
    const uint64_t points = fault_points_passed() - before;
    ASSERT_GT(points, 40u);
    for (uint64_t point = 1; point <= points; point += step) {
      TestFolder out;
      EXPECT_TRUE(killed_at(point, [&] { run(out.path()); }));
      if (point % 3 == 0) killed_at(1 + point / 2, [&] { run(out.path(), 2, 2); });
      run(out.path(), 1 + static_cast<int>(point % 3), 2);
      EXPECT_EQ(contents(out.path()), wanted) << "point " << point;
    }
  }

  TestFolder folder_;
  std::vector<format::Document> documents_;
  tokenizer::Tokenizer tokenizer_;
};

}  // namespace aurora::tokenize
