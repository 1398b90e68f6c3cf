// The manifest of a collection as text (docs/formats/collection.md).
#pragma once

#include <string>
#include <string_view>

#include "aurora/dataset/collection.h"

namespace aurora::dataset {

// Prefixes as they stand. Error: a path that is no UTF-8.
std::string print_collection(const Collection& collection);
// Error naming `where` and the key: not as print_collection writes it, or contradicts itself.
Collection parse_collection(std::string_view text, const std::string& where);

// One file alone, in one line: what ranks tell each other.
std::string print_collection_file(const CollectionFile& file);
CollectionFile parse_collection_file(std::string_view line, const std::string& where);

}  // namespace aurora::dataset
