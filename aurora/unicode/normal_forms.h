// Unicode's normal forms (UAX #15) of UTF-8, clusters of characters (UAX #29) and the few properties of
// characters that tokenizers ask for. Made with ICU; a build without it (preset `engine`) has the same
// functions, which throw an Error for text that is not ASCII.
//
// Characters that are newer than Unicode 9.0 have no normal forms here and stand for themselves: the
// normalizers of Hugging Face `tokenizers` 0.x have tables of that version, and their texts are what our ids
// must agree with. A byte that is not part of valid UTF-8 is left as it is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace aurora::unicode {

enum class NormalForm { kNfc, kNfd, kNfkc, kNfkd };

// Bytes [begin, end) of the old text became `size` bytes of the new one.
struct Change {
  size_t begin = 0;
  size_t end = 0;
  size_t size = 0;
};

// True when the text certainly has the form already; GB/s of ASCII. (False sometimes for text that has it:
// marks that stand behind a letter make it look closer.)
bool surely_normal(NormalForm form, std::string_view text);

// Appends the normal form of `text` to `out`; `changes`, if given, gets what changed, in ascending order,
// with everything else copied. Linear in the text but for sorting long runs of marks.
void normalize(NormalForm form, std::string_view text, std::string& out,
               std::vector<Change>* changes = nullptr);

// Where the extended grapheme cluster that begins at text[at] ends; at < text.size().
size_t cluster_end(std::string_view text, size_t at);
// True when a cluster may have more characters than this one.
bool joins_clusters(uint32_t code_point);

// \w of Unicode regular expressions: alphabetic, mark, decimal digit, connector punctuation, join control.
bool is_word_character(uint32_t code_point);
// Appends the lower-case form (Unicode 17.0) in UTF-8, whatever stands around the character (U+0130 becomes
// two).
void append_lowercase(std::string& out, uint32_t code_point);

}  // namespace aurora::unicode
