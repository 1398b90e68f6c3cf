// CORPUS.documents.tsv.zst (docs/formats/tokens.md).
#pragma once

#include <string>
#include <string_view>

#include "aurora/base/stream.h"

namespace aurora::tokenize {

Path documents_table_path(const Path& prefix);

class DocumentsTable {
 public:
  explicit DocumentsTable(const Path& path);
  void add(std::string_view id, std::string_view language, uint64_t bytes, uint64_t tokens);
  void commit();

 private:
  Writer writer_;
  std::string line_;
};

}  // namespace aurora::tokenize
