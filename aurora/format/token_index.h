// The header of an .idx (docs/formats/token_file.md): what token_file.cpp reads and token_file_writer.cpp
// writes.
#pragma once

#include <cstdint>

namespace aurora::format::token_index {

inline constexpr char kMagic[9] = {'M', 'M', 'I', 'D', 'I', 'D', 'X', 0, 0};
inline constexpr uint64_t kVersion = 1;
inline constexpr uint64_t kVersionAt = 9;
inline constexpr uint64_t kTypeAt = 17;
inline constexpr uint64_t kSequencesAt = 18;
inline constexpr uint64_t kBoundariesAt = 26;
inline constexpr uint64_t kHeaderBytes = 34;  // then lengths, pointers, boundaries, modes; never aligned

}  // namespace aurora::format::token_index
