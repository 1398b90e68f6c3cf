#include "apps/blend_sight.h"

#include <map>
#include <optional>
#include <utility>

#include "aurora/base/utf8.h"
#include "aurora/format/document.h"
#include "aurora/tokenize/tokenize.h"
#include "aurora/tokenizer/tokenizer.h"

namespace aurora::apps {
namespace {

ShownSample shown_sample(const BlendOrder& run, uint64_t number) {
  const order::OrderSpec& spec = run.order().spec();
  ShownSample sample;
  sample.number = number;
  sample.position = run.order().with_skipped(number);
  sample.unit = run.order()(number);
  sample.stage = spec.stages.size() > 1 ? spec.stages[sample.unit.stage].name : "";
  if (spec.stages.size() > 1 && sample.stage.empty()) sample.stage = "start";
  sample.corpus = spec.corpora[sample.unit.corpus].name;
  sample.file = run.names[sample.unit.file];
  if (!run.stored) return sample;
  std::vector<order::Piece> pieces;
  run.stored->pieces(number, pieces);
  const format::TokenFile& file = run.files->open(sample.unit.file);
  for (const order::Piece& piece : pieces) {
    ShownPiece shown;
    shown.piece = piece;
    shown.begin_in_document = piece.begin - file.document_begin(piece.document);
    shown.document_tokens = file.document_tokens(piece.document);
    shown.tokens.resize(piece.length);
    file.read(piece.begin, piece.length, shown.tokens.data());
    sample.pieces.push_back(std::move(shown));
  }
  return sample;
}

void decode(std::vector<ShownSample>& samples, const tokenizer::Tokenizer& tokenizer) {
  for (ShownSample& sample : samples) {
    for (ShownPiece& piece : sample.pieces) {
      bool known = true;
      for (const int32_t token : piece.tokens) known = known && token >= 0 && token < tokenizer.vocab_size();
      if (!known) continue;  // tokens of another tokenizer stay tokens
      piece.text = repair_utf8(tokenizer.decode(piece.tokens));
      piece.decoded = true;
    }
  }
}

// Ids from the tables beside the token files, then the documents of those ids.
void find_documents(std::vector<ShownSample>& samples, const Workspace& workspace) {
  std::map<std::string, std::vector<tokenize::TokenizedDocument>> tables;
  std::map<std::string, std::vector<ShownPiece*>> wanted;
  for (ShownSample& sample : samples) {
    for (ShownPiece& piece : sample.pieces) {
      auto& table = tables[sample.corpus];
      if (table.empty())
        table =
            tokenize::read_tokenized_documents(tokenize::training_prefix(workspace.tokens(), sample.corpus));
      if (piece.piece.document >= table.size()) continue;
      piece.id = table[piece.piece.document].id;
      wanted[piece.id].push_back(&piece);
    }
  }
  if (wanted.empty() || !format::has_manifest(workspace.documents())) return;
  format::DocumentReader reader(workspace.documents());
  for (format::Document document; !wanted.empty() && reader.next(document);) {
    const auto found = wanted.find(document.id);
    if (found == wanted.end()) continue;
    for (ShownPiece* piece : found->second) {
      piece->source = document.source;
      piece->licence = document.licence;
      piece->language = document.language;
      piece->known = true;
    }
    wanted.erase(found);
  }
}

}  // namespace

std::vector<ShownSample> shown_samples(const BlendOrder& run, uint64_t begin, uint64_t end,
                                       const std::string& tokenizer) {
  std::vector<ShownSample> samples;
  for (uint64_t number = begin; number < end; ++number) samples.push_back(shown_sample(run, number));
  if (!run.stored) return samples;
  if (run.workspace) {
    decode(samples, tokenizer::Tokenizer::load(run.workspace->tokens()));
    find_documents(samples, *run.workspace);
  } else if (!tokenizer.empty()) {
    decode(samples, tokenizer::Tokenizer::load(tokenizer));
  }
  return samples;
}

}  // namespace aurora::apps
