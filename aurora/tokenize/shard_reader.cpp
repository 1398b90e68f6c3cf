#include "aurora/tokenize/shard_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "aurora/base/error.h"
#include "aurora/format/document.h"

namespace aurora::tokenize {
namespace {

constexpr size_t kPiece = size_t{1} << 16;  // asked of the stream at a time
constexpr size_t kNone = static_cast<size_t>(-1);
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

}  // namespace

void Block::reserve(size_t bytes) {
  if (bytes + format::DocumentParser::kPadding <= room_) return;
  room_ = std::max(bytes + format::DocumentParser::kPadding, room_ + room_ / 2);
  auto larger = std::make_unique<char[]>(room_);
  if (size_ > 0) std::memcpy(larger.get(), buffer_.get(), size_);
  buffer_ = std::move(larger);
}

void Block::forget() {
  buffer_.reset();
  room_ = 0;
  size_ = 0;
}

ShardReader::ShardReader(std::span<const InputFile> files, const Shard& shard, const Cuts& cuts)
    : files_(files.subspan(shard.first_file, shard.files)), cuts_(cuts) {}
ShardReader::~ShardReader() = default;

bool ShardReader::next(Block& block) {
  if (ended_) return false;
  block.problems.clear();
  block.size_ = 0;
  if (!reader_ && next_file_ < files_.size()) {
    file_ = &files_[next_file_++];
    reader_ = open_reader(file_->path);
    at_end_ = false;
    rest_.clear();
    lines_ = 0;
  }
  ended_ = !reader_;
  block.file = file_;
  block.first_line = lines_ + 1;
  if (reader_) fill(block);
  unit_bytes_ += block.size_;
  block.unit = unit_;
  block.number = block_++;
  block.ends_shard = ended_;
  block.ends_unit = ended_ || unit_bytes_ >= cuts_.unit_bytes;
  if (block.ends_unit) {
    ++unit_;
    block_ = 0;
    unit_bytes_ = 0;
  }
  return true;
}

void ShardReader::fill(Block& block) {
  const bool at_begin = lines_ == 0 && rest_.empty();
  const size_t usual = cuts_.block_bytes + kPiece;
  if (block.room_ > 16 * usual) block.forget();  // after a giant line
  block.reserve(std::max(usual, rest_.size()));
  if (!rest_.empty()) std::memcpy(block.buffer_.get(), rest_.data(), rest_.size());
  block.size_ = rest_.size();
  rest_.clear();

  const size_t least = std::max<size_t>(cuts_.block_bytes, 1);
  while (block.size_ < least && read_more(block, least)) {
  }
  size_t end = read_line_end(block, least - 1, least + cuts_.line_bytes);
  const bool too_long = end == kNone;
  if (too_long) {  // the line that begins before `least`: the block ends before it
    end = block.lines().substr(0, least).rfind('\n') + 1;
  }
  const std::string behind(block.lines().substr(end));
  block.size_ = end;
  lines_ += static_cast<uint64_t>(std::count(block.buffer_.get(), block.buffer_.get() + end, '\n'));
  if (end > 0 && block.buffer_[end - 1] != '\n') ++lines_;
  if (at_begin && block.lines().starts_with(kByteOrderMark)) std::memset(block.buffer_.get(), ' ', 3);
  if (too_long) {
    drop_line(block, behind);
  } else {
    rest_ = behind;
  }
  if (at_end_ && rest_.empty()) end_file(block);
}

// Where the line ends that holds byte `from`, reading on as needed: behind its newline, or at the end of the
// file. kNone: not within the first `most` bytes.
size_t ShardReader::read_line_end(Block& block, size_t from, size_t most) {
  for (size_t searched = from;;) {
    if (searched < block.size_) {
      const void* newline = std::memchr(block.buffer_.get() + searched, '\n', block.size_ - searched);
      if (newline) {
        const auto end = static_cast<size_t>(static_cast<const char*>(newline) - block.buffer_.get()) + 1;
        return end <= most ? end : kNone;
      }
      searched = block.size_;
      if (searched > most) return kNone;
    }
    if (!read_more(block, block.size_ + kPiece)) return block.size_;
  }
}

// Reads on towards `room` bytes; false at the end of the file.
bool ShardReader::read_more(Block& block, size_t room) {
  if (at_end_) return false;
  const size_t ask = std::max(room, block.size_ + kPiece) - block.size_;
  block.reserve(block.size_ + ask);
  try {
    const size_t got = reader_->read(block.buffer_.get() + block.size_, ask);
    block.size_ += got;
    at_end_ = got == 0;
  } catch (const Error& error) {
    at_end_ = true;
    damage_ = {error.where(), error.happened()};
    block.size_ = block.lines().rfind('\n') + 1;  // a line that damage cut through is no line
  }
  return !at_end_;
}

// `line`: the beginning of a line that is too long. Reads on until it ends.
void ShardReader::drop_line(Block& block, std::string line) {
  ++lines_;
  block.problems.push_back({fmt::format("{}:{}", file_->path.string(), lines_),
                            fmt::format("a line longer than {} bytes", cuts_.line_bytes)});
  for (;;) {
    const size_t newline = line.find('\n');
    if (newline != std::string::npos) {
      rest_ = line.substr(newline + 1);
      return;
    }
    if (at_end_) return;
    line.resize(kPiece);
    try {
      line.resize(reader_->read(line.data(), line.size()));
      at_end_ = line.empty();
    } catch (const Error& error) {
      line.clear();
      at_end_ = true;
      damage_ = {error.where(), error.happened()};
    }
  }
}

void ShardReader::end_file(Block& block) {
  if (!damage_.what.empty()) block.problems.push_back(damage_);
  damage_ = {};
  reader_.reset();
}

}  // namespace aurora::tokenize
