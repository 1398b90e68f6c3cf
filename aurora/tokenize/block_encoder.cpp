#include "aurora/tokenize/block_encoder.h"

#include <fmt/format.h>

#include "aurora/base/check.h"
#include "aurora/base/error.h"

namespace aurora::tokenize {
namespace {

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

}  // namespace

BlockEncoder::BlockEncoder(const EncodeRule& rule, std::shared_ptr<tokenizer::SharedWords> words)
    : rule_(rule),
      end_(rule.end_documents ? rule.tokenizer->end_of_document() : -1),
      encoder_(*rule.tokenizer, std::move(words)) {}

EncodedBlock BlockEncoder::encode(const Block& block) {
  EncodedBlock out;
  out.tokens.reserve(block.lines().size() / 3);
  std::string_view rest = block.lines();
  std::string_view line;
  format::DocumentView document;
  for (uint64_t number = block.first_line; next_line(rest, line); ++number) {
    std::string problem;
    if (rule_.held_out) {
      problem = parser_.parse(line, document);
    } else {
      if (is_blank(line)) continue;
      problem = parser_.parse_text(line, rule_.text_key, document.text);
    }
    if (problem.empty()) {
      add_document(out, document);
    } else {
      add_problem(out, {fmt::format("{}:{}", block.file->path.string(), number), problem});
    }
  }
  for (const InputProblem& problem : block.problems) add_problem(out, problem);
  return out;
}

void BlockEncoder::add_document(EncodedBlock& out, const format::DocumentView& document) {
  const size_t before = out.tokens.size();
  encoder_.encode(document.text, out.tokens);
  if (end_ >= 0) out.tokens.push_back(end_);
  const size_t tokens = out.tokens.size() - before;
  AURORA_CHECK(tokens <= 0x7fffffff, "a document of {} tokens", tokens);
  EncodedDocument encoded;
  encoded.part = part_of(out, document);
  encoded.id_bytes = static_cast<uint32_t>(document.id.size());
  encoded.text_bytes = document.text.size();
  encoded.tokens = static_cast<uint32_t>(tokens);
  encoded.held_out_by_key = rule_.held_out && rule_.held_out->by_key(document.id);
  out.ids += document.id;
  out.documents.push_back(encoded);
  if (encoded.held_out_by_key) format::append_document_line(out.held_out, parser_.document());
}

void BlockEncoder::add_problem(EncodedBlock& out, InputProblem problem) const {
  if (rule_.held_out) {
    throw Error(problem.what, problem.where, "run prepare again; docs/formats/documents.md lists the keys");
  }
  out.rejected.push_back(std::move(problem));
}

uint32_t BlockEncoder::part_of(EncodedBlock& out, const format::DocumentView& document) const {
  const auto is = [&](const auto& part) {
    return part.first == document.corpus && part.second == document.language;
  };
  // Neighbours are mostly of one kind.
  if (!out.documents.empty() && is(out.parts[out.documents.back().part])) return out.documents.back().part;
  for (size_t i = 0; i < out.parts.size(); ++i) {
    if (is(out.parts[i])) return static_cast<uint32_t>(i);
  }
  out.parts.emplace_back(document.corpus, document.language);
  return static_cast<uint32_t>(out.parts.size() - 1);
}

}  // namespace aurora::tokenize
