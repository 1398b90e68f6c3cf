#include "aurora/dataset/collection_settings.h"

#include <algorithm>

#include "aurora/base/error.h"
#include "aurora/base/utf8.h"

namespace aurora::dataset {

using format::ListEntry;

std::map<std::string, std::string> corpus_licences(const std::vector<ListEntry>& entries,
                                                   const CollectionSettings& settings) {
  std::map<std::string, std::string> licences;
  for (const std::string& setting : settings.corpus_licences) {
    const size_t middle = setting.find('=');
    if (middle == std::string::npos || middle == 0) {
      throw UsageError("no licence of a corpus: \"" + setting + "\"", "corpus licence",
                       "write CORPUS=LICENCE");
    }
    const std::string corpus = setting.substr(0, middle);
    const bool listed =
        std::any_of(entries.begin(), entries.end(), [&](const ListEntry& e) { return e.corpus == corpus; });
    if (!listed) throw UsageError("the list has no corpus " + corpus, "corpus licence", "check its name");
    if (!licences.emplace(corpus, setting.substr(middle + 1)).second) {
      throw UsageError("two licences for the corpus " + corpus, "corpus licence", "leave one out");
    }
  }
  return licences;
}

void check_settings(const Path& list, const std::vector<ListEntry>& entries,
                    const CollectionSettings& settings) {
  const bool packs = settings.pack_sequence_length > 0 && settings.pack_block_windows > 0;
  if (!packs && (settings.pack_sequence_length != 0 || settings.pack_block_windows != 0)) {
    throw UsageError("a packing needs a sequence length and a number of windows, both above 0", "pack",
                     "write both, or neither");
  }
  bool readable = is_valid_utf8(settings.licence) && is_valid_utf8(settings.tokenizer);
  for (const std::string& text : settings.corpus_licences) readable = readable && is_valid_utf8(text);
  for (const ListEntry& entry : entries) {
    readable = readable && is_valid_utf8(entry.prefix) && is_valid_utf8(entry.corpus);
    if (entry.prefix.empty() || entry.corpus.empty()) {
      throw Error("a file without prefix or corpus", list.string(), "name both");
    }
  }
  if (!readable) throw Error("a name that is not UTF-8", list.string(), "write names in UTF-8");
}

}  // namespace aurora::dataset
