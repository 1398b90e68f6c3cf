// Operating trouble: a file, a record, a setting or a peer is not as it must be.
//
// Every error says what happened, where (file:line, file@offset, flag or key) and what to do about it. The
// library throws and never prints or exits; apps/ turns an Error into a message on stderr and exit code 1,
// and a UsageError (wrong flag, wrong recipe key) into exit code 2. A broken invariant is no Error but a
// failed AURORA_CHECK (base/check.h).
#pragma once

#include <stdexcept>
#include <string>

namespace aurora {

class Error : public std::runtime_error {
 public:
  // what: one clause, no full stop. where: "path", "path:line" or "path@offset"; may be empty.
  // remedy: what the person can do; may be empty only if nothing can be done.
  Error(std::string what, std::string where, std::string remedy);

  const std::string& happened() const { return happened_; }
  const std::string& where() const { return where_; }
  const std::string& remedy() const { return remedy_; }

 private:
  std::string happened_;
  std::string where_;
  std::string remedy_;
};

// The person asked for something that does not exist or contradicts itself.
class UsageError : public Error {
 public:
  using Error::Error;
};

// An Error for a failed system call on `path`, with strerror(errno_value) and a remedy for the common causes
// (no space left, file-size limit, permission, missing).
Error system_error(const std::string& doing, const std::string& path, int errno_value);

}  // namespace aurora
