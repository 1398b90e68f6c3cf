#include "aurora/tokenize/tokenize.h"

#include <algorithm>
#include <map>
#include <memory>

#include "aurora/base/check.h"
#include "aurora/base/error.h"
#include "aurora/base/fault.h"
#include "aurora/base/free_list.h"
#include "aurora/base/progress.h"
#include "aurora/base/stream.h"
#include "aurora/format/document.h"
#include "aurora/format/token_file.h"
#include "aurora/tokenizer/encoder.h"

namespace aurora::tokenize {
namespace {

constexpr size_t kBatchBytes = 8'000'000;  // text read before it is encoded
constexpr const char* kSidecar = ".documents.tsv.zst";

Path sidecar_path(const Path& prefix) {
  return prefix.string() + kSidecar;
}

bool ends_with(const std::string& text, std::string_view ending) {
  return text.size() >= ending.size() &&
         text.compare(text.size() - ending.size(), ending.size(), ending) == 0;
}

// Corpora of an earlier run may have other names, so everything of ours goes; the manifest first.
void clear(const Path& folder) {
  std::filesystem::create_directories(folder);
  std::filesystem::remove(format::manifest_path(folder));
  remove_partials(folder);
  std::vector<Path> old;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    const bool ours = ends_with(name, ".bin") || ends_with(name, ".idx") || ends_with(name, kSidecar) ||
                      (name.rfind("heldout-", 0) == 0 && ends_with(name, ".jsonl.zst"));
    if (ours && entry.is_regular_file()) old.push_back(entry.path());
  }
  for (const Path& path : old) std::filesystem::remove(path);
}

// Tabs and line ends in an id that others made would break the table.
std::string field(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 32; }, ' ');
  return text;
}

// One .bin/.idx pair and its table.
class Output {
 public:
  Output(const Path& prefix, int32_t vocab_size) : tokens_(prefix, vocab_size), table_(sidecar_path(prefix)) {
    table_.write("id\tlanguage\tbytes\ttokens\n");
  }
  void add(const format::Document& document, const std::vector<int32_t>& ids) {
    tokens_.append(ids);
    table_.write(field(document.id) + "\t" + field(document.language) + "\t" +
                 std::to_string(document.text.size()) + "\t" + std::to_string(ids.size()) + "\n");
  }
  void commit() {
    table_.commit();
    fault_point("tokenize.table");
    tokens_.commit();
    fault_point("tokenize.tokens");
  }

 private:
  format::TokenFileWriter tokens_;
  Writer table_;
};

class Stage {
 public:
  Stage(const tokenizer::Tokenizer& tokenizer, const Path& out, Pool& pool)
      : tokenizer_(tokenizer),
        out_(out),
        pool_(pool),
        encoders_([&tokenizer] { return std::make_unique<tokenizer::Encoder>(tokenizer); }),
        held_out_documents_(out, "heldout", int64_t{1} << 62) {}

  void open(const std::string& corpus) {
    if (!training_.count(corpus)) {
      const int32_t vocab_size = tokenizer_.vocab_size();
      training_[corpus] = std::make_unique<Output>(training_prefix(out_, corpus), vocab_size);
      held_out_[corpus] = std::make_unique<Output>(held_out_prefix(out_, corpus), vocab_size);
    }
  }

  // Encodes in parallel, then writes in order.
  void add(const std::vector<format::Document>& batch, const std::vector<bool>& held_out) {
    std::vector<std::vector<int32_t>> ids(batch.size());
    pool_.for_each(batch.size(), [&](size_t tile) {
      std::unique_ptr<tokenizer::Encoder> encoder = encoders_.take();
      encoder->encode(batch[tile].text, ids[tile]);
      ids[tile].push_back(tokenizer_.end_of_document());
      encoders_.give_back(std::move(encoder));
    });
    for (size_t i = 0; i < batch.size(); ++i) {
      const format::Document& document = batch[i];
      (held_out[i] ? held_out_ : training_).at(document.corpus)->add(document, ids[i]);
      if (held_out[i]) held_out_documents_.add(document);
      TokenizedPart& part = parts_[{document.corpus, document.language}];
      (held_out[i] ? part.held_out : part.training).add({1, document.text.size(), ids[i].size()});
    }
    fault_point("tokenize.batch");
  }

  TokenizeSummary finish() {
    for (auto& [corpus, output] : training_) output->commit();
    for (auto& [corpus, output] : held_out_) output->commit();
    held_out_documents_.finish();
    tokenizer_.save(out_ / "tokenizer.json");
    TokenizeSummary summary;
    for (auto& [name, part] : parts_) {
      std::tie(part.corpus, part.language) = name;
      summary.parts.push_back(part);
    }
    return summary;
  }

 private:
  const tokenizer::Tokenizer& tokenizer_;
  Path out_;
  Pool& pool_;
  FreeList<tokenizer::Encoder> encoders_;
  std::map<std::string, std::unique_ptr<Output>> training_;
  std::map<std::string, std::unique_ptr<Output>> held_out_;
  format::DocumentWriter held_out_documents_;
  std::map<std::pair<std::string, std::string>, TokenizedPart> parts_;
};

}  // namespace

TokenizeSummary tokenize_documents(const Path& documents_folder, const tokenizer::Tokenizer& tokenizer,
                                   const HeldOutRule& rule, const Path& out, Pool& pool, Log& log) {
  clear(out);
  const std::vector<DocumentInfo> all = scan_documents(documents_folder);
  const std::vector<bool> held_out = choose_held_out(all, rule);
  uint64_t total_bytes = 0;
  Stage stage(tokenizer, out, pool);
  for (const DocumentInfo& document : all) {
    total_bytes += document.bytes;
    stage.open(document.corpus);
  }

  Progress progress(log, "tokenize", total_bytes, "B");
  format::DocumentReader reader(documents_folder);
  for (size_t next = 0; next < all.size();) {
    std::vector<format::Document> batch;
    std::vector<bool> batch_held_out;
    size_t bytes = 0;
    for (; next < all.size() && bytes < kBatchBytes; ++next) {
      format::Document& document = batch.emplace_back();
      if (!reader.next(document) || document.id != all[next].id) {
        throw Error("the documents changed while they were read", documents_folder.string(),
                    "run the stage again");
      }
      bytes += document.text.size();
      batch_held_out.push_back(held_out[next]);
    }
    stage.add(batch, batch_held_out);
    progress.add(bytes);
  }
  return stage.finish();
}

std::vector<TokenizedDocument> read_tokenized_documents(const Path& prefix) {
  const Path path = sidecar_path(prefix);
  LineReader lines(path, 1 << 20);
  std::string line;
  std::vector<TokenizedDocument> documents;
  const auto refuse = [&] {
    throw Error("not a table of tokenized documents",
                path.string() + ":" + std::to_string(lines.line_number()), "tokenize again");
  };
  if (!lines.next(line) || line != "id\tlanguage\tbytes\ttokens") refuse();
  while (lines.next(line)) {
    std::vector<std::string> fields(1);
    for (char c : line) c == '\t' ? static_cast<void>(fields.emplace_back()) : fields.back().push_back(c);
    if (fields.size() != 4) refuse();
    TokenizedDocument document{fields[0], fields[1], 0, 0};
    for (auto [text, value] :
         {std::pair(&fields[2], &document.bytes), std::pair(&fields[3], &document.tokens)}) {
      const bool digits =
          !text->empty() && text->size() < 20 &&
          std::all_of(text->begin(), text->end(), [](char c) { return c >= '0' && c <= '9'; });
      if (!digits) refuse();
      *value = std::stoull(*text);
    }
    documents.push_back(std::move(document));
  }
  return documents;
}

}  // namespace aurora::tokenize
