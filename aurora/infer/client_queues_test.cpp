#include "aurora/infer/client_queues.h"

#include <gtest/gtest.h>

#include "aurora/infer/fake_model.h"
#include "aurora/infer/sequence.h"

namespace aurora::infer {
namespace {

class ClientQueuesTest : public ::testing::Test {
 protected:
  // Sequences are told apart by their addresses.
  Sequence* sequence() {
    job.request.prompt = {1};
    sequences.push_back(std::make_unique<Sequence>(job, 0, testing::byte_tokenizer()));
    return sequences.back().get();
  }
  Job job;
  std::vector<std::unique_ptr<Sequence>> sequences;
  ClientQueues queues;
};

TEST_F(ClientQueuesTest, FirstInFirstOutForOneClient) {
  ClientQueues::Client* client = queues.arrive("a");
  Sequence *one = sequence(), *two = sequence(), *zero = sequence();
  queues.push_back(client, one);
  queues.push_back(client, two);
  queues.push_front(client, zero);
  EXPECT_EQ(queues.waiting(), 3);
  for (Sequence* expected : {zero, one, two}) {
    EXPECT_EQ(queues.front(), expected);
    queues.pop();
  }
  EXPECT_EQ(queues.front(), nullptr);
}

TEST_F(ClientQueuesTest, TheClientServedLeastGoesFirst) {
  ClientQueues::Client *busy = queues.arrive("busy"), *other = queues.arrive("other");
  Sequence *one = sequence(), *two = sequence(), *three = sequence();
  queues.push_back(busy, one);
  queues.push_back(busy, two);
  queues.push_back(other, three);
  busy->served = 10;
  EXPECT_EQ(queues.front(), three);
  other->served = 11;
  EXPECT_EQ(queues.front(), one);
}

TEST_F(ClientQueuesTest, EqualsTakeTurns) {
  ClientQueues::Client *a = queues.arrive("a"), *b = queues.arrive("b");
  for (int i = 0; i < 2; ++i) {
    queues.push_back(a, sequence());
    queues.push_back(b, sequence());
  }
  std::vector<Sequence*> order;
  while (queues.front() != nullptr) {
    order.push_back(queues.front());
    queues.pop();
  }
  ASSERT_EQ(order.size(), 4u);
  const auto of_a = [&](Sequence* s) { return s == sequences[0].get() || s == sequences[2].get(); };
  EXPECT_NE(of_a(order[0]), of_a(order[1]));
  EXPECT_NE(of_a(order[2]), of_a(order[3]));
}

TEST_F(ClientQueuesTest, APauseIsNotOwed) {
  ClientQueues::Client* busy = queues.arrive("busy");
  busy->served = 1000;
  EXPECT_EQ(queues.arrive("new")->served, 1000);
  ClientQueues::Client* back = queues.arrive("back");
  back->served = 5000;
  queues.leave(back);
  EXPECT_EQ(queues.arrive("back")->served, 5000) << "and a pause forgives nothing";
}

TEST_F(ClientQueuesTest, RemovesFromTheMiddleOfALine) {
  ClientQueues::Client* client = queues.arrive("a");
  Sequence *one = sequence(), *two = sequence();
  queues.push_back(client, one);
  queues.push_back(client, two);
  queues.remove(client, one);
  queues.remove(client, one);
  EXPECT_EQ(queues.waiting(), 1);
  EXPECT_EQ(queues.front(), two);
}

TEST_F(ClientQueuesTest, ManyPassingClientsAreForgotten) {
  ClientQueues::Client* stays = queues.arrive("stays");
  for (int i = 0; i < 5000; ++i) queues.leave(queues.arrive("client " + std::to_string(i)));
  stays->served = 7;
  EXPECT_EQ(queues.arrive("stays"), stays);
}

}  // namespace
}  // namespace aurora::infer
