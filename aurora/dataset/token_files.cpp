#include "aurora/dataset/token_files.h"

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <mutex>
#include <utility>

#include "aurora/base/check.h"
#include "aurora/base/error.h"

namespace aurora::dataset {
namespace {

void check_counts(const TokenFileSource& source, const format::TokenFile& file) {
  if (file.tokens() == source.tokens && file.documents() == source.documents) return;
  throw Error(fmt::format("{} tokens in {} documents, but {} in {} were expected", file.tokens(),
                          file.documents(), source.tokens, source.documents),
              format::token_idx_path(source.prefix).string(),
              "the file is not the one that the order was made for: put that one back, or make the list of "
              "token files anew");
}

}  // namespace

struct TokenFiles::State {
  // Files are opened under one of a few locks, so that opening several at once does not queue up.
  static constexpr size_t kLocks = 16;

  std::vector<TokenFileSource> sources;
  format::TokenCheck check;
  std::vector<std::atomic<const format::TokenFile*>> current;
  std::array<std::mutex, kLocks> opening;
  std::mutex owning;
  std::vector<std::unique_ptr<const format::TokenFile>> owned;  // current ones and those they replaced

  const format::TokenFile& open(size_t file) {
    auto opened = std::make_unique<const format::TokenFile>(sources[file].prefix, check);
    check_counts(sources[file], *opened);
    std::lock_guard lock(owning);
    owned.push_back(std::move(opened));
    current[file].store(owned.back().get(), std::memory_order_release);
    return *owned.back();
  }
};

TokenFiles::TokenFiles(std::vector<TokenFileSource> sources, format::TokenCheck check)
    : state_(std::make_unique<State>()) {
  state_->current = std::vector<std::atomic<const format::TokenFile*>>(sources.size());
  state_->sources = std::move(sources);
  state_->check = check;
}

TokenFiles::~TokenFiles() = default;

size_t TokenFiles::size() const {
  return state_->sources.size();
}

const TokenFileSource& TokenFiles::source(size_t file) const {
  AURORA_CHECK_LT(file, size());
  return state_->sources[file];
}

const format::TokenFile& TokenFiles::open(size_t file) const {
  AURORA_CHECK_LT(file, size());
  if (const format::TokenFile* opened = state_->current[file].load(std::memory_order_acquire)) return *opened;
  std::lock_guard lock(state_->opening[file % State::kLocks]);
  if (const format::TokenFile* opened = state_->current[file].load(std::memory_order_acquire)) return *opened;
  return state_->open(file);
}

const format::TokenFile& TokenFiles::reopen(size_t file, const format::TokenFile& damaged) const {
  AURORA_CHECK_LT(file, size());
  std::lock_guard lock(state_->opening[file % State::kLocks]);
  const format::TokenFile* opened = state_->current[file].load(std::memory_order_acquire);
  if (opened != nullptr && opened != &damaged) return *opened;
  return state_->open(file);
}

}  // namespace aurora::dataset
