// Names and numbers of sentencepiece_model.proto, as far as reader and writer need them.
#pragma once

#include <cstdint>

namespace aurora::tokenizer::sentencepiece {

enum class PieceType : uint64_t {
  kNormal = 1,
  kUnknown = 2,
  kControl = 3,
  kUserDefined = 4,
  kUnused = 5,
  kByte = 6,
};

enum class ModelType : uint64_t { kUnigram = 1, kBpe = 2, kWord = 3, kCharacter = 4 };

namespace model {  // ModelProto
inline constexpr uint32_t kPiece = 1, kTrainer = 2, kNormalizer = 3, kDenormalizer = 5;
}
namespace piece {  // ModelProto.SentencePiece
inline constexpr uint32_t kText = 1, kScore = 2, kType = 3;
}
namespace trainer {  // TrainerSpec
inline constexpr uint32_t kModelType = 3, kVocabSize = 4, kSpaceAsSuffix = 24, kByteFallback = 35,
                          kUnknownId = 40, kBeginId = 41, kEndId = 42, kPadId = 43, kUnknownSurface = 44,
                          kUnknownPiece = 45, kBeginPiece = 46, kEndPiece = 47;
}
namespace normalizer {  // NormalizerSpec
inline constexpr uint32_t kName = 1, kCharacters = 2, kAddDummyPrefix = 3, kRemoveExtra = 4, kEscape = 5;
}

inline constexpr const char* kSpace = "\xe2\x96\x81";      // U+2581
inline constexpr const char* kSurface = " \xe2\x81\x87 ";  // U+2047 between spaces: of an unknown piece

}  // namespace aurora::tokenizer::sentencepiece
