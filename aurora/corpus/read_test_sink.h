// Reading in tests: bytes under a name, what came of them. For tests only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aurora/base/test_folder.h"
#include "aurora/corpus/reader.h"

namespace aurora::corpus {

struct Outcome : Sink {
  void document(RawDocument&& document) override { documents.push_back(std::move(document)); }
  void problem(FileProblem&& problem) override { problems.push_back(std::move(problem)); }

  // The only document's text, or the problems in brackets.
  std::string text() const {
    if (documents.size() == 1 && problems.empty()) return documents[0].text;
    std::string all = "[" + std::to_string(documents.size()) + " documents";
    for (const FileProblem& problem : problems) all += " " + problem.source + ":" + problem.reason;
    return all + "]";
  }
  std::string reasons() const {
    std::string all;
    for (const FileProblem& problem : problems) all += (all.empty() ? "" : " ") + problem.reason;
    return all;
  }

  std::vector<RawDocument> documents;
  std::vector<FileProblem> problems;
};

inline std::string attribute(const RawDocument& document, std::string_view key) {
  for (const auto& [name, value] : document.attributes)
    if (name == key) return value;
  return {};
}

// Writes the bytes below a folder of its own and reads them. name may hold folders ("fr/man1/ls.1").
inline Outcome read_bytes(const std::string& name, std::string_view bytes, const std::string& format = "auto",
                          const ReaderLimits& limits = {}) {
  const TestFolder folder;
  write_file_atomic(folder / name, bytes);
  Outcome outcome;
  read_file_documents(folder / name, name, format, limits, outcome);
  return outcome;
}

inline std::string man(std::string_view roff) {
  return read_bytes("x.1", roff, "man").text();
}
inline std::string html(std::string_view page) {
  return read_bytes("x.html", page, "html").text();
}
inline std::string latex(std::string_view source) {
  return read_bytes("x.tex", source, "latex").text();
}
inline std::string markdown(std::string_view source) {
  return read_bytes("x.md", source, "markdown").text();
}
inline std::string rst(std::string_view source) {
  return read_bytes("x.rst", source, "rst").text();
}
inline std::string plain(std::string_view source) {
  return read_bytes("x.txt", source, "text").text();
}

}  // namespace aurora::corpus
