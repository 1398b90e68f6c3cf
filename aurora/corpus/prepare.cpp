#include "aurora/corpus/prepare.h"

#include <algorithm>
#include <span>
#include <variant>

#include "aurora/base/check.h"
#include "aurora/base/error.h"
#include "aurora/base/fault.h"
#include "aurora/base/progress.h"
#include "aurora/corpus/dedup_exact.h"
#include "aurora/corpus/document_queue.h"
#include "aurora/corpus/inputs.h"
#include "aurora/corpus/judge.h"

namespace aurora::corpus {
namespace {

constexpr size_t kRejectedTextBytes = 4096;

// What a reader says about a file, in its order.
using Reading = std::variant<RawDocument, FileProblem>;

Judged judge_reading(const Judge& judge, Reading&& reading) {
  if (auto* document = std::get_if<RawDocument>(&reading)) return judge.judge(std::move(*document));
  return judge.judge(std::get<FileProblem>(std::move(reading)));
}

// Takes judged documents in corpus order and keeps the books.
class Books {
 public:
  Books(const config::Recipe& recipe, const Path& folder, const PrepareLimits& limits)
      : settings_(recipe.prepare),
        rejected_(folder / "rejected", "part", recipe.prepare.part_bytes),
        queue_(folder / "waiting", limits.queue_bytes) {}

  void begin_corpus(const config::Corpus& corpus) {
    corpus_bytes_left_ = corpus.max_bytes > 0 ? corpus.max_bytes : INT64_MAX;
  }
  // The corpus has as much kept text as it may; what comes behind is not looked at.
  bool corpus_is_full() const { return corpus_bytes_left_ <= 0; }

  void take(Judged&& judged) {
    if (corpus_is_full()) return;
    if (judged.reason.empty() && settings_.exact_duplicates) find_exact_duplicate(judged);
    if (!judged.reason.empty()) {
      reject(std::move(judged.document), judged.reason);
      return;
    }
    corpus_bytes_left_ -= static_cast<int64_t>(judged.document.text.size());
    ids_.push_back(std::stoull(judged.document.id, nullptr, 16));
    keys_.insert(keys_.end(), judged.band_keys.begin(), judged.band_keys.end());
    queue_.push(std::move(judged.document));
  }

  // The second pass: near duplicates go, the others are written.
  void write_kept(const Path& folder, Pool& pool) {
    std::vector<uint32_t> first;
    if (settings_.near_duplicates) first = find_near_duplicates(keys_, settings_.bands, pool);
    format::DocumentWriter kept(folder, "part", settings_.part_bytes);
    format::Document document;
    for (size_t i = 0; queue_.next(document); ++i) {
      if (settings_.near_duplicates && first[i] != i) {
        set_attribute(document, "duplicate_of", hex64(ids_[first[i]]));
        reject(std::move(document), "near_duplicate");
        continue;
      }
      count(document, "");
      kept.add(document);
    }
    kept.finish();
    fault_point("prepare.kept");
    rejected_.finish();
    fault_point("prepare.rejected");
  }

  PrepareSummary& summary() { return summary_; }

 private:
  void find_exact_duplicate(Judged& judged) {
    const auto number = static_cast<uint32_t>(ids_.size());
    const uint32_t first = seen_.first(judged.identity, number);
    if (first == number) return;
    judged.reason = "exact_duplicate";
    set_attribute(judged.document, "duplicate_of", hex64(ids_[first]));
  }

  void reject(format::Document&& document, const std::string& reason) {
    count(document, reason);
    std::string& text = document.text;
    if (document.id.empty()) document.id = format::document_id(document.corpus, document.source, text);
    if (text.size() > kRejectedTextBytes) {
      set_attribute(document, "text_bytes", std::to_string(text.size()));
      size_t end = kRejectedTextBytes;
      while ((static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
      text.resize(end);
    }
    rejected_.add(document, reason);
  }

  void count(const format::Document& document, const std::string& reason) {
    summary_.counts[{document.corpus, document.language, reason}] +=
        Count{1, static_cast<int64_t>(document.text.size())};
  }

  const config::Prepare& settings_;
  format::DocumentWriter rejected_;
  DocumentQueue queue_;
  FirstSeen seen_;
  std::vector<uint64_t> ids_;   // of kept documents, in order
  std::vector<uint64_t> keys_;  // theirs, bands each
  int64_t corpus_bytes_left_ = INT64_MAX;
  PrepareSummary summary_;
};

void read_file(const InputFile& file, const config::Corpus& corpus, Sink& sink) {
  read_file_documents(file.path, file.source, corpus.format, ReaderLimits{}, sink);
}

// A file of which a reader says nothing at all has an outcome, too.
FileProblem nothing_in(const InputFile& file) {
  return {file.source, "empty", "no document"};
}

// Judges the documents of a small file one by one.
class JudgingSink : public Sink {
 public:
  explicit JudgingSink(const Judge& judge) : judge_(judge) {}
  void document(RawDocument&& document) override { judged_.push_back(judge_.judge(std::move(document))); }
  void problem(FileProblem&& problem) override { judged_.push_back(judge_.judge(std::move(problem))); }
  std::vector<Judged> finish(const InputFile& file) {
    if (judged_.empty()) problem(nothing_in(file));
    return std::move(judged_);
  }

 private:
  const Judge& judge_;
  std::vector<Judged> judged_;
};

// Judges the documents of a large file on all threads, a batch at a time, while it is being read.
class BatchingSink : public Sink {
 public:
  // Thrown through the reader when the corpus needs no more.
  struct Enough {};

  BatchingSink(const Judge& judge, Books& books, Pool& pool, int64_t batch_bytes)
      : judge_(judge), books_(books), pool_(pool), batch_bytes_(batch_bytes) {}
  void document(RawDocument&& document) override {
    bytes_ += static_cast<int64_t>(document.text.size());
    add(std::move(document));
  }
  void problem(FileProblem&& problem) override { add(std::move(problem)); }
  void finish(const InputFile& file) {
    if (!any_) problem(nothing_in(file));
    flush();
  }

 private:
  void add(Reading&& reading) {
    constexpr size_t kBatchDocuments = 4096;
    any_ = true;
    batch_.push_back(std::move(reading));
    if (bytes_ < batch_bytes_ && batch_.size() < kBatchDocuments) return;
    flush();
    if (books_.corpus_is_full()) throw Enough{};
  }
  void flush() {
    std::vector<Judged> judged(batch_.size());
    pool_.for_each(batch_.size(), [&](size_t i) { judged[i] = judge_reading(judge_, std::move(batch_[i])); });
    for (Judged& one : judged) books_.take(std::move(one));
    batch_.clear();
    bytes_ = 0;
  }

  const Judge& judge_;
  Books& books_;
  Pool& pool_;
  int64_t batch_bytes_;
  int64_t bytes_ = 0;
  bool any_ = false;
  std::vector<Reading> batch_;
};

// Goes through the files of one corpus in order.
class CorpusReading {
 public:
  CorpusReading(const config::Corpus& corpus, const config::Prepare& settings, const PrepareLimits& limits,
                Books& books, Pool& pool)
      : corpus_(corpus), limits_(limits), books_(books), pool_(pool), judge_(settings, corpus) {}

  // Returns what there was; files_unread are those behind the one that filled the corpus.
  CorpusFiles run(Log& log) {
    const CorpusInputs inputs = find_inputs(corpus_);
    CorpusFiles files{corpus_.name, static_cast<int64_t>(inputs.files.size()), 0, 0};
    for (const InputFile& file : inputs.files) files.bytes += static_cast<int64_t>(file.bytes);
    books_.begin_corpus(corpus_);
    for (const std::string& folder : inputs.unreadable_folders) {
      books_.take(judge_.judge(FileProblem{folder, "unreadable", "a folder that cannot be listed"}));
    }
    Progress progress(log, corpus_.name, static_cast<uint64_t>(files.bytes), "B");
    std::span<const InputFile> left(inputs.files);
    while (!left.empty() && !books_.corpus_is_full()) {
      const std::span<const InputFile> window = left.first(window_size(left));
      left = left.subspan(window.size());
      if (window[0].bytes >= limits_.large_file_bytes) {
        read_large(window[0]);
      } else {
        files.files_unread += read_window(window);
      }
      for (const InputFile& file : window) progress.add(file.bytes);
    }
    files.files_unread += static_cast<int64_t>(left.size());
    return files;
  }

 private:
  // How many of the files, from the first on, are read together: one large file, or small ones up to the
  // limits.
  size_t window_size(std::span<const InputFile> files) const {
    size_t count = 0;
    uint64_t bytes = 0;
    while (count < files.size() && count < limits_.window_files && bytes < limits_.window_bytes &&
           files[count].bytes < limits_.large_file_bytes) {
      bytes += files[count++].bytes;
    }
    return std::max<size_t>(count, 1);
  }

  // On all threads; what the files hold is taken in their order. Returns how many were not needed any more.
  int64_t read_window(std::span<const InputFile> files) {
    std::vector<std::vector<Judged>> judged(files.size());
    pool_.for_each(files.size(), [&](size_t i) {
      JudgingSink sink(judge_);
      read_file(files[i], corpus_, sink);
      judged[i] = sink.finish(files[i]);
    });
    for (size_t i = 0; i < judged.size(); ++i) {
      if (books_.corpus_is_full()) return static_cast<int64_t>(judged.size() - i);
      for (Judged& one : judged[i]) books_.take(std::move(one));
    }
    return 0;
  }

  void read_large(const InputFile& file) {
    BatchingSink sink(judge_, books_, pool_, limits_.batch_bytes);
    try {
      read_file(file, corpus_, sink);
      sink.finish(file);
    } catch (const BatchingSink::Enough&) {
      // The corpus is full; the rest of this file is not read.
    }
  }

  const config::Corpus& corpus_;
  const PrepareLimits& limits_;
  Books& books_;
  Pool& pool_;
  const Judge judge_;
};

}  // namespace

PrepareSummary prepare(const config::Recipe& recipe, const Path& folder, Pool& pool, Log& log,
                       const PrepareLimits& limits) {
  fault_point("prepare.begin");
  Books books(recipe, folder, limits);
  for (const config::Corpus& corpus : recipe.corpora) {
    books.summary().files.push_back(CorpusReading(corpus, recipe.prepare, limits, books, pool).run(log));
    fault_point("prepare.corpus");
  }
  books.write_kept(folder, pool);
  PrepareSummary& summary = books.summary();
  write_file_atomic(folder / "summary.json", summary_json(summary));
  write_file_atomic(folder / "summary.txt", summary_text(summary));
  fault_point("prepare.summary");
  const Count kept = summary.kept();
  const Count dropped = summary.dropped();
  log.info("prepare: {} documents kept ({}), {} dropped ({})", kept.documents,
           human_bytes(static_cast<double>(kept.bytes)), dropped.documents,
           human_bytes(static_cast<double>(dropped.bytes)));
  return std::move(summary);
}

}  // namespace aurora::corpus
