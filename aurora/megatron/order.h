// A run that began under Megatron goes on here: the order that a cache folder holds (Megatron's or ours), as
// pieces of documents.
//
// A sample of Megatron is S+1 tokens that follow each other over shuffled documents; the first is input only,
// the other S are targets (S tokens and S-1 targets without the extra token, fewer in a partial last sample).
// What differs from a piece of piece.h is the input of a document's first token: Megatron takes the token
// before it *in the sample*, the last of the document before. In files where every document ends with the
// end-of-document token that is the same token. Whether rows see the document before is the mask's affair:
// with Megatron's reset_attention_mask they do not, which is what pieces mean. Megatron shuffles sequences;
// where a document has several, the input of a later one's first token is, again, the token stored before it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "aurora/base/file.h"
#include "aurora/format/token_file.h"
#include "aurora/megatron/splits.h"
#include "aurora/order/piece.h"

namespace aurora::megatron {

// A file of the list that the cache was made of.
struct OrderFile {
  std::string name;     // the prefix as Megatron was told it
  uint32_t corpus = 0;  // for Piece::corpus
};

// Where the arrays lie. Any integer type is read, so that older caches (<md5>_doc_idx.npy, _sample_idx.npy,
// _shuffle_idx.npy; _index.npy and _sample_index.npy of a blend) are named here by hand.
struct DatasetArrays {
  Path documents, samples, shuffle;
  size_t file = 0;  // into the list
};
struct CacheArrays {
  Path blend_datasets, blend_samples;  // empty: one dataset, no blend
  std::vector<DatasetArrays> datasets;
  int64_t sequence_length = 0;
};

// The one description of a split in a cache folder: of its blend, or of its dataset where no blend is there.
// Error: none, or several, all of them named.
Path find_description(const Path& folder, Split split);
// Reads what a description (of a blend or of one dataset) stands for. Error naming it: damaged, or a dataset
// that is not in the list.
CacheArrays read_description(const Path& description, const std::vector<OrderFile>& files);

class MegatronOrder : public order::SampleOrder {
 public:
  // The token file number `file` of the list; thread-safe, and good while this lives.
  using OpenFile = std::function<const format::TokenFile&(size_t file)>;

  // Maps the blend now and the arrays of a file when they are first asked for. extra_token: as the run that
  // made the cache was set (add_extra_token_to_sequence); the cache does not say.
  MegatronOrder(CacheArrays arrays, const std::vector<OrderFile>& files, OpenFile open,
                bool extra_token = true);
  ~MegatronOrder() override;

  uint64_t samples() const;  // in the cache
  int64_t sequence_length() const override;
  // sample < samples(). Errors: arrays that are missing, damaged, or made of other token files.
  void pieces(uint64_t sample, std::vector<order::Piece>& out) const override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace aurora::megatron
