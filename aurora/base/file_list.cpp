#include <fnmatch.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <utility>

#include "aurora/base/error.h"
#include "aurora/base/file.h"

namespace aurora {

namespace {

using FolderId = std::pair<dev_t, ino_t>;

struct Walk {
  std::set<FolderId> visited;  // real folders, so that a loop of links ends
  std::vector<Path>* unreadable;
};

bool status_of(const Path& path, struct stat& status) {
  return ::stat(path.c_str(), &status) == 0;
}

void sort_by_bytes(std::vector<Path>& paths) {
  // Path's own < compares part by part; files are ordered by the bytes of the whole path.
  std::sort(paths.begin(), paths.end(), [](const Path& a, const Path& b) { return a.native() < b.native(); });
  paths.erase(std::unique(paths.begin(), paths.end(),
                          [](const Path& a, const Path& b) { return a.native() == b.native(); }),
              paths.end());
}

// Entries of a folder, sorted; none where it cannot be read.
std::vector<Path> entries_of(const Path& folder, Walk& walk) {
  std::error_code failure;
  std::vector<Path> entries;
  std::filesystem::directory_iterator at(folder, failure);
  for (; !failure && at != std::filesystem::directory_iterator(); at.increment(failure)) {
    entries.push_back(at->path());
  }
  if (failure && walk.unreadable != nullptr) walk.unreadable->push_back(folder);
  sort_by_bytes(entries);
  return entries;
}

bool first_visit(const struct stat& status, Walk& walk) {
  return walk.visited.insert({status.st_dev, status.st_ino}).second;
}

// Explicit stack: a hostile tree may be deeper than ours.
void add_files(const Path& root, Walk& walk, std::vector<Path>& files) {
  std::vector<Path> open = {root};
  while (!open.empty()) {
    const Path path = std::move(open.back());
    open.pop_back();
    struct stat status;
    if (!status_of(path, status)) continue;  // a dangling link, or gone meanwhile
    if (S_ISREG(status.st_mode)) files.push_back(path);
    if (!S_ISDIR(status.st_mode) || !first_visit(status, walk)) continue;
    std::vector<Path> entries = entries_of(path, walk);
    open.insert(open.end(), std::make_move_iterator(entries.rbegin()),
                std::make_move_iterator(entries.rend()));
  }
}

bool has_wildcard(const std::string& text) {
  return text.find_first_of("*?[") != std::string::npos;
}

// `base` and all folders below it.
void add_folders(const Path& base, Walk& walk, std::vector<Path>& folders) {
  struct stat status;
  if (!status_of(base.empty() ? Path(".") : base, status) || !S_ISDIR(status.st_mode)) return;
  if (!first_visit(status, walk)) return;
  folders.push_back(base);
  for (const Path& entry : entries_of(base.empty() ? Path(".") : base, walk)) {
    add_folders(base / entry.filename(), walk, folders);
  }
}

// Paths that match `parts` from `base` on, one part of the pattern at a time.
std::vector<Path> match_parts(Path base, const std::vector<std::string>& parts,
                              std::vector<Path>* unreadable) {
  std::vector<Path> matched = {std::move(base)};
  for (const std::string& part : parts) {
    std::vector<Path> next;
    Walk walk{{}, unreadable};
    for (const Path& at : matched) {
      if (part == "**") {
        add_folders(at, walk, next);
      } else if (!has_wildcard(part)) {
        struct stat status;
        if (status_of(at / part, status)) next.push_back(at / part);
      } else {
        struct stat status;
        const Path folder = at.empty() ? Path(".") : at;
        if (!status_of(folder, status) || !S_ISDIR(status.st_mode)) continue;
        for (const Path& entry : entries_of(folder, walk)) {
          const std::string name = entry.filename().string();
          if (::fnmatch(part.c_str(), name.c_str(), FNM_PERIOD) == 0) next.push_back(at / name);
        }
      }
    }
    matched = std::move(next);
  }
  return matched;
}

}  // namespace

std::vector<Path> list_files(const Path& root, std::vector<Path>* unreadable) {
  struct stat status;
  if (!status_of(root, status)) throw system_error("read", root.string(), errno);
  Walk walk{{}, unreadable};
  std::vector<Path> files;
  add_files(root, walk, files);
  sort_by_bytes(files);
  return files;
}

std::vector<Path> expand_glob(const std::string& pattern, std::vector<Path>* unreadable) {
  struct stat status;
  // A file whose name holds a star or bracket is named by that name.
  if (!pattern.empty() && status_of(pattern, status)) return list_files(pattern, unreadable);
  std::vector<std::string> parts;
  for (const Path& part : Path(pattern).relative_path()) {
    if (!part.empty()) parts.push_back(part.string());
  }
  std::vector<Path> files;
  Walk walk{{}, unreadable};
  if (has_wildcard(pattern)) {
    for (const Path& match : match_parts(Path(pattern).root_path(), parts, unreadable)) {
      add_files(match, walk, files);
    }
  }
  sort_by_bytes(files);
  if (files.empty()) {
    throw Error("no file matches", pattern, "check the spelling, or whether the files are installed");
  }
  return files;
}

Path next_old_folder(const Path& folder) {
  Path old;
  for (int n = 1; old.empty() || std::filesystem::exists(old); ++n)
    old = folder.string() + ".old-" + std::to_string(n);
  return old;
}

}  // namespace aurora
