#include "aurora/infer/client_queues.h"

#include <algorithm>

#include "aurora/base/check.h"

namespace aurora::infer {
namespace {

constexpr size_t kRemembered = 1024;  // clients, before absent ones are forgotten

}  // namespace

ClientQueues::Client* ClientQueues::arrive(const std::string& name) {
  if (clients_.size() >= kRemembered && !clients_.contains(name)) forget_absent();
  Client& client = clients_[name];
  if (client.present++ > 0) return &client;
  client.turn = ++turns_;
  const Client* least = nullptr;
  for (const auto& [other, present] : clients_)
    if (&present != &client && present.present > 0 && (least == nullptr || present.served < least->served))
      least = &present;
  if (least != nullptr) client.served = std::max(client.served, least->served);
  return &client;
}

void ClientQueues::leave(Client* client) {
  AURORA_CHECK(client->present > 0, "a client left too often");
  --client->present;
}

void ClientQueues::forget_absent() {
  std::erase_if(clients_, [](const auto& entry) { return entry.second.present == 0; });
}

void ClientQueues::push_back(Client* client, Sequence* sequence) {
  client->waiting.push_back(sequence);
  ++waiting_;
}

void ClientQueues::push_front(Client* client, Sequence* sequence) {
  client->waiting.push_front(sequence);
  ++waiting_;
}

void ClientQueues::remove(Client* client, Sequence* sequence) {
  waiting_ -= static_cast<int64_t>(std::erase(client->waiting, sequence));
}

ClientQueues::Client* ClientQueues::next() {
  Client* first = nullptr;
  for (auto& [name, client] : clients_)
    if (!client.waiting.empty() && (first == nullptr || comes_before(&client, first))) first = &client;
  return first;
}

Sequence* ClientQueues::front() {
  if (waiting_ == 0) return nullptr;
  return next()->waiting.front();
}

void ClientQueues::pop() {
  Client* client = next();
  client->waiting.pop_front();
  client->turn = ++turns_;
  --waiting_;
}

}  // namespace aurora::infer
