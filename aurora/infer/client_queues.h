// Who is served next. Each client has a line of its own; the one that was served the fewest tokens goes
// first (virtual token counters, Sheng et al. 2024), so that nobody gets more by asking more often. A client
// that comes back after a pause is not owed for it. Not thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>

namespace aurora::infer {

struct Sequence;

class ClientQueues {
 public:
  struct Client {
    std::deque<Sequence*> waiting;
    int64_t present = 0;  // requests that are waiting or running
    int64_t served = 0;   // tokens
    uint64_t turn = 0;    // of equals, the one that went longest without
  };

  // A request of this client came; the client stays where it is until as many left.
  Client* arrive(const std::string& name);
  void leave(Client* client);

  void push_back(Client* client, Sequence* sequence);
  void push_front(Client* client, Sequence* sequence);  // had its turn before
  void remove(Client* client, Sequence* sequence);      // if it is there

  // The next in line; null when nobody waits. pop() takes it away.
  Sequence* front();
  void pop();

  // a comes before b.
  static bool comes_before(const Client* a, const Client* b) {
    return a->served != b->served ? a->served < b->served : a->turn < b->turn;
  }

  int64_t waiting() const { return waiting_; }

 private:
  Client* next();
  void forget_absent();

  std::unordered_map<std::string, Client> clients_;
  int64_t waiting_ = 0;
  uint64_t turns_ = 0;
};

}  // namespace aurora::infer
