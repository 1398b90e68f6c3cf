// What is asked of a collection, checked before any file is looked at.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "aurora/dataset/collection.h"

namespace aurora::dataset {

// Error, UsageError: half a packing; names that are empty or not UTF-8.
void check_settings(const Path& list, const std::vector<format::ListEntry>& entries,
                    const CollectionSettings& settings);
// Licence by corpus, of those that have one of their own. UsageError: not CORPUS=LICENCE, twice the same
// corpus, one that is not in the list.
std::map<std::string, std::string> corpus_licences(const std::vector<format::ListEntry>& entries,
                                                   const CollectionSettings& settings);

}  // namespace aurora::dataset
