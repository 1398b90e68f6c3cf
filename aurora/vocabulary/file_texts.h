// Files as texts to learn from.
//
// NAME.jsonl (.zst, .gz): one text per line, its field "text". Any other file is plain text, compressed or
// not (recognised by its first bytes), and is read in texts of about 4 MB: each ends behind the last line end
// that no white space follows within the first 4 MiB; if there is none, behind the last line end; if there is
// none either, at 4 MiB or up to three bytes before, where no character is split. A cut of the first kind is
// one that every scheme makes too, so that the words are those of the whole file.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "aurora/base/file.h"
#include "aurora/vocabulary/train.h"

namespace aurora::vocabulary {

struct WeightedFile {
  Path path;
  uint64_t weight = 1;
};

// For one of `ranks` ranks that each count a share: texts are numbered through all files, and rank r has
// those whose number is r modulo ranks. Error from next(): a file or line that cannot be read, by name.
std::unique_ptr<TextSource> file_texts(std::vector<WeightedFile> files, int rank = 0, int ranks = 1);

// A ratio as a weight in units of 1/unit: rounded to the nearest, halves up, but never to 0 unless it is 0.
// With TrainSettings::weight_unit = unit the ratios are exact to that unit. UsageError: negative, not finite
// or too large.
uint64_t weight_in_units(double weight, uint64_t unit);

}  // namespace aurora::vocabulary
