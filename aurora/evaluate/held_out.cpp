#include "aurora/evaluate/held_out.h"

#include <algorithm>
#include <map>
#include <mutex>

#include "aurora/base/progress.h"
#include "aurora/evaluate/compressors.h"
#include "aurora/format/document.h"
#include "aurora/tokenizer/encoder.h"

namespace aurora::evaluate {
namespace {

struct Scored {
  int64_t tokens = 0;
  double nll_nats = 0;
};

// One sequence: reads stream[begin, end-1] and predicts stream[begin+1, end]; weights say which count.
double score_window(tensor::Exec& exec, const infer::Model& model, std::span<const int32_t> stream,
                    const Window& window) {
  // stream[0] is the end token before the document, so that token i of the document is stream[i + 1].
  const int64_t length = window.end - window.begin;
  nn::Leaf leaf;
  leaf.sequences = 1;
  leaf.length = length;
  leaf.tokens.assign(stream.begin() + window.begin, stream.begin() + window.end);
  leaf.targets.assign(stream.begin() + window.begin + 1, stream.begin() + window.end + 1);
  leaf.segment_begin.assign(length, 0);
  for (int64_t i = 0; i < length; ++i) {
    leaf.positions.push_back(static_cast<int32_t>(i));
    leaf.loss_weights.push_back(window.begin + i >= window.first ? 1.0f : 0.0f);
  }
  return model.llama.loss(exec, model.weights.weights(), leaf);
}

Scored score_document(const infer::Model& model, const std::string& text) {
  std::vector<int32_t> stream = {model.tokenizer.end_of_document()};
  tokenizer::Encoder encoder(model.tokenizer);
  encoder.encode(text, stream);
  Scored scored;
  scored.tokens = static_cast<int64_t>(stream.size()) - 1;
  tensor::Arena arena;
  tensor::Exec exec{device::Stream::cpu(Pool::serial()), kernels::cpu_kernels(), arena};
  for (const Window& window : windows(scored.tokens, model.max_length))
    scored.nll_nats += score_window(exec, model, stream, window);
  return scored;
}

struct Group {
  HeldOutRow row;
  std::string text;  // of all its documents, for the compressors
};

void add(Group& group, const format::Document& document, const Scored& scored) {
  group.row.documents += 1;
  group.row.bytes += static_cast<int64_t>(document.text.size());
  group.row.tokens += scored.tokens;
  group.row.nll_nats += scored.nll_nats;
  group.text += document.text;
}

}  // namespace

std::vector<Window> windows(int64_t tokens, int64_t length) {
  std::vector<Window> out;
  const int64_t stride = std::max<int64_t>(1, length / 2);
  for (int64_t first = 0; first < tokens;) {
    const int64_t end = first == 0 ? std::min(tokens, length) : std::min(tokens, first + stride);
    out.push_back({std::max<int64_t>(0, end - length), first, end});
    first = end;
  }
  return out;
}

std::vector<HeldOutRow> evaluate_held_out(const infer::Model& model, const Path& tokens_folder, Pool& pool,
                                          Log& log) {
  std::vector<format::Document> documents;
  format::DocumentReader reader(tokens_folder, "heldout");
  for (format::Document document; reader.next(document);) documents.push_back(document);

  std::vector<Scored> scored(documents.size());
  {
    Progress progress(log, "evaluate", documents.size(), "documents");
    pool.for_each(documents.size(), [&](size_t i) {
      scored[i] = score_document(model, documents[i].text);
      progress.add(1);
    });
  }

  // Languages first, then corpora, each by name; sums in document order.
  std::map<std::pair<int, std::string>, Group> groups;
  for (size_t i = 0; i < documents.size(); ++i) {
    Group& language = groups[{0, documents[i].language}];
    language.row.group = "language";
    language.row.name = documents[i].language;
    add(language, documents[i], scored[i]);
    Group& corpus = groups[{1, documents[i].corpus}];
    corpus.row.group = "corpus";
    corpus.row.name = documents[i].corpus;
    add(corpus, documents[i], scored[i]);
  }
  std::vector<Group*> order;
  for (auto& [key, group] : groups) order.push_back(&group);
  pool.for_each(order.size(), [&](size_t i) {
    const CompressedSizes sizes = compressed_sizes(order[i]->text);
    order[i]->row.gzip_bytes = static_cast<int64_t>(sizes.gzip);
    order[i]->row.xz_bytes = static_cast<int64_t>(sizes.xz);
    order[i]->row.zstd_bytes = static_cast<int64_t>(sizes.zstd);
  });
  std::vector<HeldOutRow> rows;
  for (Group* group : order) rows.push_back(group->row);
  return rows;
}

}  // namespace aurora::evaluate
