// `aurora tokenizer bench`: how fast texts become tokens, with nothing remembered (cold) and with the words
// of the same texts remembered (warm).

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "apps/tokenizer_open.h"
#include "aurora/base/error.h"
#include "aurora/base/hash.h"
#include "aurora/base/threads.h"

namespace aurora::apps {
namespace {

struct BenchFlags {
  VocabularyFlags vocabulary;
  std::vector<std::string> inputs;
  int64_t threads = 1;
  int64_t document_bytes = 1 << 20;
  int64_t rounds = 3;
  bool json = false;

  void declare(Arguments& arguments) {
    vocabulary.declare(arguments);
    arguments.list("--input", inputs, "texts; each is cut into documents at line ends");
    arguments.option("--threads", threads, "threads; 0: one a core");
    arguments.option("--document-bytes", document_bytes, "about so many bytes to a document");
    arguments.option("--rounds", rounds, "cold and warm runs by turns; the best of each counts");
    arguments.flag("--json", json, "machine-readable");
  }
};

using Clock = std::chrono::steady_clock;

// Every thread's encoder and the ids of its share, one after another.
struct Worker {
  std::unique_ptr<tokenizer::Encoder> encoder;
  std::vector<int32_t> ids;
};

// Documents are dealt in runs of equal bytes, so that the shares, and with them what each encoder remembers,
// do not depend on chance.
std::vector<size_t> shares(const std::vector<std::string_view>& documents, size_t workers) {
  uint64_t total = 0;
  for (const std::string_view document : documents) total += document.size();
  std::vector<size_t> begins = {0};
  uint64_t bytes = 0;
  for (size_t i = 0; i < documents.size(); ++i) {
    bytes += documents[i].size();
    while (begins.size() < workers && bytes * workers >= total * begins.size()) begins.push_back(i + 1);
  }
  while (begins.size() <= workers) begins.push_back(documents.size());
  return begins;
}

double encode_all(const std::vector<std::string_view>& documents, std::vector<Worker>& workers, Pool& pool) {
  const std::vector<size_t> begins = shares(documents, workers.size());
  const Clock::time_point start = Clock::now();
  pool.for_each(workers.size(), [&](size_t i) {
    Worker& worker = workers[i];
    worker.ids.clear();
    for (size_t d = begins[i]; d < begins[i + 1]; ++d) worker.encoder->encode(documents[d], worker.ids);
  });
  return std::chrono::duration<double>(Clock::now() - start).count();
}

int bench(const BenchFlags& flags) {
  if (flags.inputs.empty()) throw UsageError("texts are needed", "--input", "give --input FILES");
  if (flags.document_bytes < 1 || flags.rounds < 1 || flags.threads < 0)
    throw UsageError("a number that is too small", "--document-bytes, --rounds or --threads",
                     "give at least 1");
  const tokenizer::Tokenizer tokenizer = flags.vocabulary.open();
  const std::vector<NamedText> texts = read_texts(flags.inputs);
  std::vector<std::string_view> documents;
  uint64_t bytes = 0;
  for (const NamedText& text : texts) {
    bytes += text.text.size();
    const auto pieces = cut_at_lines(text.text, static_cast<size_t>(flags.document_bytes));
    documents.insert(documents.end(), pieces.begin(), pieces.end());
  }
  Pool pool(static_cast<int>(flags.threads));
  std::vector<Worker> workers(static_cast<size_t>(pool.threads()));
  // Room for the ids is made before the clock starts, as a program that streams would hold on to its own.
  for (Worker& worker : workers) worker.ids.resize(bytes / workers.size() / 2);
  double cold = 1e18, warm = 1e18;
  for (int64_t round = 0; round < flags.rounds; ++round) {
    const auto words = tokenizer::shared_words();
    for (Worker& worker : workers) worker.encoder = std::make_unique<tokenizer::Encoder>(tokenizer, words);
    cold = std::min(cold, encode_all(documents, workers, pool));
    warm = std::min(warm, encode_all(documents, workers, pool));
  }
  Sha256 hasher;
  uint64_t tokens = 0;
  for (const Worker& worker : workers) {
    tokens += worker.ids.size();
    hasher.update(worker.ids.data(), worker.ids.size() * sizeof(int32_t));
  }
  const double megabytes = static_cast<double>(bytes) / 1e6;
  nlohmann::ordered_json json = {{"bytes", bytes},
                                 {"documents", documents.size()},
                                 {"tokens", tokens},
                                 {"threads", workers.size()},
                                 {"cold_mb_per_s", megabytes / cold},
                                 {"warm_mb_per_s", megabytes / warm},
                                 {"ids_sha256", hasher.hex()}};
  if (flags.json) {
    fmt::print("{}\n", json.dump(2));
    return 0;
  }
  fmt::print(
      "{:.1f} MB in {} documents, {} tokens, {:.2f} bytes per token\ncold {:.1f} MB/s, warm {:.1f} MB/s on "
      "{} thread{}\n",
      megabytes, documents.size(), tokens,
      static_cast<double>(bytes) / static_cast<double>(std::max<uint64_t>(tokens, 1)), megabytes / cold,
      megabytes / warm, workers.size(), workers.size() == 1 ? "" : "s");
  return 0;
}

}  // namespace

Command tokenizer_bench_command() {
  return {"bench", "megabytes of text per second, cold and warm",
          [](Arguments& arguments) { return with_flags<BenchFlags>(arguments, bench); }};
}

}  // namespace aurora::apps
