#include "aurora/base/error.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/format.h>

namespace aurora {

namespace {

std::string compose(const std::string& what, const std::string& where, const std::string& remedy) {
  std::string message = where.empty() ? what : where + ": " + what;
  if (!remedy.empty()) message += " (" + remedy + ")";
  return message;
}

const char* remedy_for(int errno_value) {
  switch (errno_value) {
    case ENOSPC:
      return "no space is left on this disk; free some or write elsewhere";
    case EDQUOT:
      return "your quota on this disk is used up; free some space or write elsewhere";
    case EFBIG:
      return "the file-size limit is reached; raise it (ulimit -f) or write elsewhere";
    case EACCES:
    case EPERM:
      return "check the permissions of the path and its folders";
    case EROFS:
      return "the disk is read-only; write elsewhere";
    case ENOENT:
      return "check the spelling; nothing is there";
    case ENOTDIR:
      return "a part of the path is a file and no folder";
    case EISDIR:
      return "this is a folder; name a file";
    case EMFILE:
    case ENFILE:
      return "too many files are open; raise the limit (ulimit -n)";
    case ENOMEM:
      return "memory is used up; use fewer threads or a smaller input";
    case EIO:
      return "the disk or its connection failed; see the system's log";
    default:
      return "";
  }
}

}  // namespace

Error::Error(std::string what, std::string where, std::string remedy)
    : std::runtime_error(compose(what, where, remedy)),
      happened_(std::move(what)),
      where_(std::move(where)),
      remedy_(std::move(remedy)) {}

Error system_error(const std::string& doing, const std::string& path, int errno_value) {
  char buffer[128];
  const char* reason = strerror_r(errno_value, buffer, sizeof buffer);
  return Error(fmt::format("cannot {}: {}", doing, reason), path, remedy_for(errno_value));
}

}  // namespace aurora
