#include "aurora/comm/self.h"

#include "aurora/base/check.h"
#include "aurora/base/error.h"

namespace aurora::comm {
namespace {

class SelfGroup : public Group {
 public:
  int rank() const override { return 0; }
  int size() const override { return 1; }
  void barrier() override {}
  void broadcast(void*, size_t, int root) override { AURORA_CHECK(root == 0, "root {} of 1", root); }
  void send(const void*, size_t, int peer, int) override { no_peer(peer); }
  void receive(void*, size_t, int peer, int) override { no_peer(peer); }
  void abort(const std::string& message) override { throw Error(message, "rank 0 of 1", ""); }

 private:
  [[noreturn]] static void no_peer(int peer) {
    check_failed(__FILE__, __LINE__, fmt::format("message with rank {} of 1", peer));
  }
};

}  // namespace

std::unique_ptr<Group> self_group() {
  return std::make_unique<SelfGroup>();
}

}  // namespace aurora::comm
