// Making a collection, in rounds that all ranks go through together: look at every file (stamps), plan what
// has to be read, read it, put the findings together. The plan and the result are computed from the same
// facts on every rank.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <unordered_map>

#include "aurora/base/progress.h"
#include "aurora/dataset/collection.h"
#include "aurora/dataset/collection_known.h"
#include "aurora/dataset/collection_place.h"
#include "aurora/dataset/collection_read.h"
#include "aurora/dataset/collection_settings.h"
#include "aurora/dataset/collection_share.h"
#include "aurora/dataset/collection_wire.h"

namespace aurora::dataset {
namespace {

using format::ListEntry;

// Does nothing beyond the first failure: of several the first in list order counts, which lies before.
class FirstFailure {
 public:
  explicit FirstFailure(uint64_t job) : job_(job) {}
  bool before(uint64_t job) const { return job_.load(std::memory_order_relaxed) < job; }
  void note(uint64_t job) {
    uint64_t now = job_.load(std::memory_order_relaxed);
    while (job < now && !job_.compare_exchange_weak(now, job, std::memory_order_relaxed)) {
    }
  }

 private:
  std::atomic<uint64_t> job_;
};

enum class Need { kNothing, kIndex, kAll };

struct Task {
  uint64_t job;
  Need need;
  uint64_t bytes;
};

class CollectionMaker {
 public:
  CollectionMaker(const Path& list, const std::vector<ListEntry>& entries, const CollectionSettings& settings,
                  comm::Group& group, Pool& pool, Log& log)
      : list_(list), entries_(entries), settings_(settings), group_(group), pool_(pool), log_(log) {
    check_settings(list, entries, settings);
    licences_ = corpus_licences(entries, settings);
    // A prefix that is listed twice is one job.
    std::unordered_map<std::string, uint64_t> job_of_prefix;
    for (size_t i = 0; i < entries.size(); ++i) {
      const auto [at, is_new] = job_of_prefix.emplace(entries[i].prefix, jobs_.size());
      if (is_new) jobs_.push_back(i);
      job_of_entry_.push_back(at->second);
    }
  }

  Collection make(const Path& known) {
    const auto start = std::chrono::steady_clock::now();
    known_ = share_roots_outcomes(group_, group_.rank() == 0 ? find_known(known) : std::vector<Outcome>());
    const std::vector<Outcome> seen = share_outcomes(group_, look());
    const std::vector<Outcome> read = share_outcomes(group_, read_tasks(seen, plan(seen)));
    throw_first_failure(seen, read);
    const Collection collection = put_together(read);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    log_.info("collection: {} files, {} read ({} in {}), the others as they were", entries_.size(),
              collection.reading.files_read, human_bytes(static_cast<double>(collection.reading.bytes_read)),
              human_seconds(seconds.count()));
    return collection;
  }

 private:
  Path prefix_of(uint64_t job) const { return format::list_entry_path(list_, entries_[jobs_[job]]); }

  std::vector<Outcome> find_known(const Path& known) const {
    const Path folder = real_folder(list_.parent_path());
    std::vector<Path> places;
    for (const size_t entry : jobs_) places.push_back(place_of(entries_[entry].prefix, folder));
    return known_files(known, places, log_);
  }

  // Stamps of every size()-th file.
  std::vector<Outcome> look() const {
    const auto ranks = static_cast<size_t>(group_.size());
    const auto rank = static_cast<size_t>(group_.rank());
    std::vector<Outcome> outcomes(jobs_.size() > rank ? (jobs_.size() - rank - 1) / ranks + 1 : 0);
    pool_.for_each(outcomes.size(), [&](size_t i) {
      Outcome& outcome = outcomes[i];
      outcome.job = rank + i * ranks;
      try {
        outcome.stamp = stamp_pair(prefix_of(outcome.job));
      } catch (const Error& error) {
        outcome.failure = error;
      }
    });
    return outcomes;
  }

  bool wants_bins(const CollectionFile& file) const {
    return settings_.pack_sequence_length > 0 &&
           std::none_of(file.packed.begin(), file.packed.end(),
                        [&](const PackedCounts& counts) { return is_wanted(counts); });
  }

  bool is_wanted(const PackedCounts& counts) const {
    return counts.sequence_length == settings_.pack_sequence_length &&
           counts.block_windows == settings_.pack_block_windows;
  }

  // The same on every rank. Files behind one that cannot be seen need not be read.
  std::vector<Task> plan(const std::vector<Outcome>& seen) const {
    std::vector<Task> tasks;
    for (const Outcome& outcome : seen) {
      if (outcome.failure) break;
      const Outcome* known = known_of(outcome.job);
      const bool same = known != nullptr && known->stamp == outcome.stamp;
      const PairStamp& stamp = *outcome.stamp;
      if (!same) {
        tasks.push_back({outcome.job, Need::kAll, stamp.bin.bytes + stamp.idx.bytes});
      } else if (wants_bins(*known->file)) {
        tasks.push_back({outcome.job, Need::kIndex, stamp.idx.bytes});
      }
    }
    return tasks;
  }

  std::vector<Outcome> read_tasks(const std::vector<Outcome>& seen, const std::vector<Task>& tasks) const {
    std::vector<uint64_t> bytes;
    for (const Task& task : tasks) bytes.push_back(task.bytes);
    const std::vector<size_t> own = jobs_of(bytes, assign_ranks(bytes, group_.size()), group_.rank());
    uint64_t own_bytes = 0;
    for (const size_t i : own) own_bytes += bytes[i];
    std::vector<Outcome> outcomes(own.size());
    if (own.empty()) return outcomes;

    Progress progress(log_, "collection", own_bytes, "B");
    const ReadSettings read_settings{settings_.pack_sequence_length, settings_.pack_block_windows,
                                     static_cast<int>(own.size()) < pool_.threads()};
    FirstFailure failure(UINT64_MAX);
    pool_.for_each(own.size(), [&](size_t i) {
      const Task& task = tasks[own[i]];
      outcomes[i].job = task.job;
      if (failure.before(task.job)) return;
      try {
        outcomes[i] = read_task(task, *seen[task.job].stamp, read_settings,
                                [&](uint64_t amount) { progress.add(amount); });
      } catch (const Error& error) {
        outcomes[i].failure = error;
        failure.note(task.job);
      }
    });
    return outcomes;
  }

  Outcome read_task(const Task& task, const PairStamp& seen, const ReadSettings& read_settings,
                    const ReadProgress& progress) const {
    Outcome outcome;
    outcome.job = task.job;
    const Path prefix = prefix_of(task.job);
    if (task.need == Need::kIndex) {
      outcome.file = known_of(task.job)->file;
      outcome.file->packed = {count_packed(prefix, read_settings)};
      outcome.bytes_read = task.bytes;
      if (stamp_pair(prefix) == seen) {
        outcome.stamp = seen;
        progress(task.bytes);
        return outcome;
      }
    }
    const PairReading reading = read_pair(prefix, read_settings, progress);
    outcome.file = reading.file;
    outcome.file->prefix = entries_[jobs_[task.job]].prefix;
    outcome.file->corpus = entries_[jobs_[task.job]].corpus;
    if (settled(reading.stamp, now_ns())) outcome.stamp = reading.stamp;
    outcome.files_read = 1;
    outcome.bytes_read = reading.stamp.bin.bytes + reading.stamp.idx.bytes;
    return outcome;
  }

  // Nothing when the earlier manifest does not have it.
  const Outcome* known_of(uint64_t job) const {
    const auto at = std::lower_bound(known_.begin(), known_.end(), job,
                                     [](const Outcome& outcome, uint64_t j) { return outcome.job < j; });
    return at != known_.end() && at->job == job ? &*at : nullptr;
  }

  static void throw_first_failure(const std::vector<Outcome>& seen, const std::vector<Outcome>& read) {
    // Both are ordered by job, and only jobs before the first one not seen were read.
    for (const std::vector<Outcome>* outcomes : {&read, &seen}) {
      for (const Outcome& outcome : *outcomes) {
        if (outcome.failure) throw *outcome.failure;
      }
    }
  }

  Collection put_together(const std::vector<Outcome>& read) const {
    std::vector<const Outcome*> by_job(jobs_.size());
    for (const Outcome& outcome : known_) by_job[outcome.job] = &outcome;
    for (const Outcome& outcome : read) by_job[outcome.job] = &outcome;
    Collection collection;
    collection.folder = list_.parent_path();
    for (size_t i = 0; i < entries_.size(); ++i) {
      const ListEntry& entry = entries_[i];
      CollectionFile file = *by_job[job_of_entry_[i]]->file;
      file.prefix = entry.prefix;
      file.corpus = entry.corpus;
      file.weight = entry.weight;
      const auto own_licence = licences_.find(entry.corpus);
      file.licence = own_licence != licences_.end() ? own_licence->second : settings_.licence;
      file.tokenizer = settings_.tokenizer;
      std::erase_if(file.packed, [&](const PackedCounts& counts) { return !is_wanted(counts); });
      collection.files.push_back(std::move(file));
      collection.reading.stamps.push_back(by_job[job_of_entry_[i]]->stamp);
    }
    for (const Outcome& outcome : read) {
      collection.reading.files_read += outcome.files_read;
      collection.reading.bytes_read += outcome.bytes_read;
    }
    return collection;
  }

  const Path& list_;
  const std::vector<ListEntry>& entries_;
  const CollectionSettings& settings_;
  comm::Group& group_;
  Pool& pool_;
  Log& log_;
  std::map<std::string, std::string> licences_;
  std::vector<size_t> jobs_;  // the entry of each
  std::vector<uint64_t> job_of_entry_;
  std::vector<Outcome> known_;  // files of the earlier manifest, by job
};

}  // namespace

Collection make_collection(const Path& list, const std::vector<format::ListEntry>& entries,
                           const CollectionSettings& settings, const Path& known, comm::Group& group,
                           Pool& pool, Log& log) {
  return CollectionMaker(list, entries, settings, group, pool, log).make(known);
}

}  // namespace aurora::dataset
