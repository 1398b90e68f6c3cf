#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/uniset.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "aurora/base/check.h"
#include "aurora/base/utf8.h"
#include "aurora/unicode/classes.h"
#include "aurora/unicode/normal_forms.h"

namespace aurora::unicode {
namespace {

constexpr uint32_t kCodePoints = 0x110000;
constexpr int32_t kManyMarks = 64;  // in a row: sorted by us, as ICU takes their square of steps

const icu::UnicodeSet& old_characters() {
  static const icu::UnicodeSet* set = [] {
    UErrorCode status = U_ZERO_ERROR;
    auto* made = new icu::UnicodeSet(icu::UnicodeString(u"[:age=9.0:]"), status);
    AURORA_CHECK(U_SUCCESS(status));
    made->freeze();
    return made;
  }();
  return *set;
}

UProperty quick_check_property(NormalForm form) {
  switch (form) {
    case NormalForm::kNfc:
      return UCHAR_NFC_QUICK_CHECK;
    case NormalForm::kNfd:
      return UCHAR_NFD_QUICK_CHECK;
    case NormalForm::kNfkc:
      return UCHAR_NFKC_QUICK_CHECK;
    case NormalForm::kNfkd:
      return UCHAR_NFKD_QUICK_CHECK;
  }
  return UCHAR_NFC_QUICK_CHECK;
}

const icu::Normalizer2* plain_normalizer(NormalForm form, UErrorCode& status) {
  switch (form) {
    case NormalForm::kNfc:
      return icu::Normalizer2::getNFCInstance(status);
    case NormalForm::kNfd:
      return icu::Normalizer2::getNFDInstance(status);
    case NormalForm::kNfkc:
      return icu::Normalizer2::getNFKCInstance(status);
    case NormalForm::kNfkd:
      return icu::Normalizer2::getNFKDInstance(status);
  }
  return nullptr;
}

// A normal form's normalizer, and its inert characters: those that never change, whatever precedes them,
// and before which a text may be cut. Only the last of several inert ones may change, by what follows it.
struct Form {
  explicit Form(NormalForm form) {
    UErrorCode status = U_ZERO_ERROR;
    plain = plain_normalizer(form, status);
    normalizer = new icu::FilteredNormalizer2(*plain, old_characters());
    icu::UnicodeSet set;
    set.applyIntPropertyValue(quick_check_property(form), UNORM_YES, status);
    icu::UnicodeSet starters;
    starters.applyIntPropertyValue(UCHAR_CANONICAL_COMBINING_CLASS, 0, status);
    AURORA_CHECK(U_SUCCESS(status));
    set.retainAll(starters);
    icu::UnicodeSet newer(0, kCodePoints - 1);
    set.addAll(newer.removeAll(old_characters()));
    inert.resize(kCodePoints / 64);
    for (int32_t range = 0; range < set.getRangeCount(); ++range) {
      for (UChar32 c = set.getRangeStart(range); c <= set.getRangeEnd(range); ++c) {
        inert[static_cast<uint32_t>(c) / 64] |= uint64_t{1} << c % 64;
      }
    }
  }
  bool is_inert(uint32_t c) const { return inert[c / 64] >> c % 64 & 1; }

  const icu::Normalizer2* plain;
  const icu::Normalizer2* normalizer;
  std::vector<uint64_t> inert;  // a bit a code point
};

const Form& form_of(NormalForm form) {
  // ICU's objects live as long as the program.
  static const Form* const nfc = new Form(NormalForm::kNfc);
  if (form == NormalForm::kNfc) return *nfc;
  static const Form* const nfd = new Form(NormalForm::kNfd);
  if (form == NormalForm::kNfd) return *nfd;
  static const Form* const nfkc = new Form(NormalForm::kNfkc);
  if (form == NormalForm::kNfkc) return *nfkc;
  static const Form* const nfkd = new Form(NormalForm::kNfkd);
  return *nfkd;
}

size_t skip_ascii(std::string_view text, size_t at) {
  while (at + 32 <= text.size()) {
    uint64_t words[4];
    std::memcpy(words, text.data() + at, 32);
    if ((words[0] | words[1] | words[2] | words[3]) & 0x8080808080808080u) break;
    at += 32;
  }
  while (at < text.size() && static_cast<uint8_t>(text[at]) < 0x80) ++at;
  return at;
}

// The first character from `at` on that is not inert; text.size(): none. ASCII is inert in every form.
// last: where the character before it begins, if it is behind `at`.
size_t find_active(const Form& form, std::string_view text, size_t at, size_t& last) {
  last = at;
  while (at < text.size()) {
    if (static_cast<uint8_t>(text[at]) < 0x80) {
      at = skip_ascii(text, at);
      last = at - 1;
      continue;
    }
    const Decoded character = decode_utf8(text, at);
    if (character.valid && !form.is_inert(character.code_point)) return at;
    last = character.valid ? at : at + 1;  // a byte that is no UTF-8 takes part in nothing
    at += character.bytes;
  }
  return at;
}

size_t find_inert(const Form& form, std::string_view text, size_t at) {
  while (at < text.size()) {
    const Decoded character = decode_utf8(text, at);
    if (!character.valid || form.is_inert(character.code_point)) return at;
    at += character.bytes;
  }
  return at;
}

bool has_many_marks(const icu::UnicodeString& text) {
  int32_t row = 0;
  for (int32_t i = 0; i < text.length() && row < kManyMarks; i = text.moveIndex32(i, 1)) {
    row = (U_GET_GC_MASK(text.char32At(i)) & U_GC_M_MASK) != 0 ? row + 1 : 0;
  }
  return row >= kManyMarks;
}

// Decomposed, and its marks in canonical order: the same text to every normal form of its kind.
icu::UnicodeString decomposed_in_order(const Form& form, const icu::UnicodeString& text) {
  icu::UnicodeString out;
  std::vector<std::pair<uint8_t, UChar32>> marks;
  const auto flush = [&] {
    std::stable_sort(marks.begin(), marks.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const auto& mark : marks) out.append(mark.second);
    marks.clear();
  };
  icu::UnicodeString parts;
  for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    const UChar32 c = text.char32At(i);
    const bool old = old_characters().contains(c);
    if (!old || !form.plain->getDecomposition(c, parts)) parts = icu::UnicodeString(c);
    for (int32_t k = 0; k < parts.length(); k = parts.moveIndex32(k, 1)) {
      const UChar32 part = parts.char32At(k);
      const uint8_t order = old ? u_getCombiningClass(part) : 0;
      if (order == 0) flush();
      if (order == 0) {
        out.append(part);
      } else {
        marks.emplace_back(order, part);
      }
    }
  }
  flush();
  return out;
}

void append_normal(const Form& form, std::string_view run, std::string& out) {
  UErrorCode status = U_ZERO_ERROR;
  icu::UnicodeString text =
      icu::UnicodeString::fromUTF8(icu::StringPiece(run.data(), static_cast<int32_t>(run.size())));
  if (has_many_marks(text)) text = decomposed_in_order(form, text);
  icu::UnicodeString normal;
  form.normalizer->normalize(text, normal, status);
  AURORA_CHECK(U_SUCCESS(status));
  icu::StringByteSink<std::string> sink(&out);
  normal.toUTF8(sink);
}

// The part of the run at `at` that may be normalized for itself.
size_t part_end(const Form& form, std::string_view text, size_t at, size_t end) {
  at += decode_utf8(text, at).bytes;
  while (at < end) {
    const Decoded character = decode_utf8(text, at);
    if (form.normalizer->hasBoundaryBefore(static_cast<UChar32>(character.code_point))) break;
    at += character.bytes;
  }
  return at;
}

}  // namespace

bool surely_normal(NormalForm form, std::string_view text) {
  size_t at = skip_ascii(text, 0);
  if (at == text.size()) return true;
  size_t last = 0;
  return find_active(form_of(form), text, at, last) == text.size();
}

void normalize(NormalForm which, std::string_view text, std::string& out, std::vector<Change>* changes) {
  if (skip_ascii(text, 0) == text.size()) {
    out += text;
    return;
  }
  const Form& form = form_of(which);
  constexpr size_t kLongestRun = size_t{1} << 28;  // ICU counts in int32_t
  size_t copied = 0;
  while (copied < text.size()) {
    size_t begin = copied;
    const size_t active = find_active(form, text, copied, begin);
    out += text.substr(copied, begin - copied);
    if (active == text.size()) {
      out += text.substr(begin);
      return;
    }
    size_t end = find_inert(form, text, active);
    if (changes || end - begin > kLongestRun) end = part_end(form, text, begin, end);
    const size_t size = out.size();
    append_normal(form, text.substr(begin, end - begin), out);
    const bool same = std::string_view(out).substr(size) == text.substr(begin, end - begin);
    if (changes && !same) changes->push_back({begin, end, out.size() - size});
    copied = end;
  }
}

namespace {

int32_t cluster_class(uint32_t c) {
  // Marks of Unicode 16.0 and 17.0 in the first plane, which the ICU beside us may not know yet.
  if (c == 0x897 || (c >= 0x1acf && c <= 0x1aeb && c != 0x1ade && c != 0x1adf)) return U_GCB_EXTEND;
  return u_getIntPropertyValue(static_cast<UChar32>(c), UCHAR_GRAPHEME_CLUSTER_BREAK);
}

bool is_pictograph(uint32_t c) {
  return u_hasBinaryProperty(static_cast<UChar32>(c), UCHAR_EXTENDED_PICTOGRAPHIC);
}

bool ends_alone(int32_t kind) {
  return kind == U_GCB_CONTROL || kind == U_GCB_CR || kind == U_GCB_LF;
}

// What the rules GB3 to GB13 ask about the characters before a place.
struct ClusterState {
  int32_t kind = U_GCB_OTHER;      // of the last character
  bool pictograph = false;         // Extended_Pictographic Extend*
  bool pictograph_joined = false;  // ... and a ZWJ
  int flags = 0;                   // regional indicators in a row

  bool goes_on(uint32_t c, int32_t next) const {
    if (kind == U_GCB_CR && next == U_GCB_LF) return true;
    if (ends_alone(kind) || ends_alone(next)) return false;
    if (kind == U_GCB_L && (next == U_GCB_L || next == U_GCB_V || next == U_GCB_LV || next == U_GCB_LVT)) {
      return true;
    }
    if ((kind == U_GCB_LV || kind == U_GCB_V) && (next == U_GCB_V || next == U_GCB_T)) return true;
    if ((kind == U_GCB_LVT || kind == U_GCB_T) && next == U_GCB_T) return true;
    if (next == U_GCB_EXTEND || next == U_GCB_ZWJ || next == U_GCB_SPACING_MARK) return true;
    if (kind == U_GCB_PREPEND) return true;
    if (pictograph_joined && is_pictograph(c)) return true;
    return kind == U_GCB_REGIONAL_INDICATOR && next == U_GCB_REGIONAL_INDICATOR && flags % 2 == 1;
  }
  void take(uint32_t c, int32_t next) {
    pictograph_joined = pictograph && next == U_GCB_ZWJ;
    pictograph = is_pictograph(c) || (pictograph && next == U_GCB_EXTEND);
    flags = next == U_GCB_REGIONAL_INDICATOR ? flags + 1 : 0;
    kind = next;
  }
};

}  // namespace

size_t cluster_end(std::string_view text, size_t at) {
  ClusterState state;
  const Decoded first = decode_utf8(text, at);
  at += first.bytes;
  if (!first.valid) return at;
  state.take(first.code_point, cluster_class(first.code_point));
  while (at < text.size()) {
    const Decoded next = decode_utf8(text, at);
    if (!next.valid) return at;
    const int32_t kind = cluster_class(next.code_point);
    if (!state.goes_on(next.code_point, kind)) return at;
    state.take(next.code_point, kind);
    at += next.bytes;
  }
  return at;
}

bool joins_clusters(uint32_t code_point) {
  const int32_t kind = cluster_class(code_point);
  return kind != U_GCB_OTHER && kind != U_GCB_CONTROL && kind != U_GCB_LF;
}

bool is_word_character(uint32_t code_point) {
  // Our own table knows letters that the ICU beside us may not know yet.
  constexpr ClassSet kWord = kLetters | kMarks | set_of(Class::kDigit);
  if (contains(kWord, of(code_point))) return true;
  const auto c = static_cast<UChar32>(code_point);
  constexpr uint32_t kKinds = U_GC_M_MASK | U_GC_ND_MASK | U_GC_PC_MASK;
  return u_hasBinaryProperty(c, UCHAR_ALPHABETIC) || (U_GET_GC_MASK(c) & kKinds) != 0 ||
         u_hasBinaryProperty(c, UCHAR_JOIN_CONTROL);
}

namespace {

// Pairs of Unicode 16.0 and 17.0, which the ICU beside us may not know yet.
uint32_t newer_lowercase(uint32_t c) {
  if (c >= 0x10d50 && c <= 0x10d65) return c + 0x20;  // Garay
  if (c >= 0x16ea0 && c <= 0x16eb8) return c + 0x1b;  // Beria Erfe
  switch (c) {
    case 0xa7cb:
      return 0x264;
    case 0xa7dc:
      return 0x19b;
    case 0x1c89:
    case 0xa7cc:
    case 0xa7ce:
    case 0xa7d2:
    case 0xa7d4:
    case 0xa7da:
      return c + 1;
    default:
      return c;
  }
}

}  // namespace

void append_lowercase(std::string& out, uint32_t code_point) {
  const auto lower = static_cast<uint32_t>(u_tolower(static_cast<UChar32>(code_point)));
  append_utf8(out, lower == code_point ? newer_lowercase(code_point) : lower);
  if (code_point == 0x130) append_utf8(out, 0x307);  // i and a dot above: the one that becomes two
}

}  // namespace aurora::unicode
