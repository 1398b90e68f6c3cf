// A hostile afternoon for a server, bounded: open connections that say nothing, streams side by side (some of
// whose readers hang up or read a byte a second), malformed bodies, huge bodies, wrong keys; and /health
// asked all the while. Every answer is compared with the one given alone.
//   load_bench URL [--pid=N] [--seconds=300] [--streams=64] [--idle=500] [--key=K] [--tokens=32]
// --pid: of the server, to watch its memory. Ends with 1 when an answer was lost, mixed or changed.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "aurora/base/error.h"
#include "aurora/base/random.h"
#include "aurora/net/http_client.h"
#include "aurora/net/sse.h"

namespace aurora::bench {
namespace {

using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

struct Options {
  std::string url, key;
  int pid = 0, seconds = 300, streams = 64, idle = 500, tokens = 32;
};

struct Counts {
  std::atomic<int64_t> answers{0}, wrong{0}, lost{0}, refused{0}, hung_up{0}, slow{0}, bad_bodies{0},
      tokens{0};
  std::atomic<int64_t> unexpected{0};  // a status that should not have come
};

constexpr int kQuestions = 24;

net::HttpRequest request_for(const Options& options, const std::string& path, std::string body) {
  net::HttpRequest request = net::make_request("POST", path, std::move(body));
  request.headers.add("Content-Type", "application/json");
  if (!options.key.empty()) request.headers.add("Authorization", "Bearer " + options.key);
  return request;
}

std::string question(const Options& options, int number, bool stream) {
  const Json body = {
      {"prompt", fmt::format("Question {}: what is {} and {}?", number, number * 7, number * 13)},
      {"max_tokens", options.tokens},
      {"seed", number},
      {"temperature", number % 2 == 0 ? 0.0 : 1.0},
      {"ignore_eos", true},
      {"stream", stream}};
  return body.dump();
}

std::string whole_answer(const Options& options, int number) {
  net::HttpClient client(options.url);
  const net::HttpResponse response =
      client.send(request_for(options, "/v1/completions", question(options, number, false)));
  if (response.status != 200)
    throw Error(fmt::format("status {}: {}", response.status, response.body), options.url, "");
  return Json::parse(response.body)["choices"][0]["text"];
}

// Reads a stream as one kind of reader; empty when it was not read to its end.
enum class Reader { kGood, kHangsUp, kSlow };
std::string stream_answer(const Options& options, int number, Reader reader, Counts& counts) {
  net::ClientSettings settings;
  settings.url = options.url;
  settings.timeout = std::chrono::minutes(5);
  net::HttpClient client(settings);
  const net::HttpResponse head =
      client.open(request_for(options, "/v1/completions", question(options, number, true)));
  if (head.status == 429) {
    ++counts.refused;
    return "";
  }
  if (head.status != 200) {
    ++counts.unexpected;
    return "";
  }
  std::string text;
  bool done = false;
  int pieces = 0;
  net::SseParser parser;
  while (const auto piece = client.read()) {
    if (reader == Reader::kHangsUp && ++pieces > 3) return "";
    if (reader == Reader::kSlow) std::this_thread::sleep_for(std::chrono::seconds(1));
    parser.feed(*piece, [&](const net::SseEvent& event) {
      if (event.data == "[DONE]") {
        done = true;
        return;
      }
      const Json chunk = Json::parse(event.data);
      if (!chunk["choices"].empty()) text += chunk["choices"][0]["text"].get<std::string>();
    });
  }
  if (!done) ++counts.lost;
  return done ? text : "";
}

class Load {
 public:
  explicit Load(Options options) : options_(std::move(options)) {}

  int run() {
    for (int number = 0; number < kQuestions; ++number) alone_.push_back(whole_answer(options_, number));
    start_ = Clock::now();
    const int64_t memory_before = resident_kib();
    std::vector<std::thread> threads;
    for (int i = 0; i < options_.streams; ++i) threads.emplace_back([this, i] { streams(i); });
    threads.emplace_back([this] { vandals(); });
    threads.emplace_back([this] { health(); });
    threads.emplace_back([this] { idlers(); });
    int64_t halfway = 0;
    while (running()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(500));
      if (halfway == 0 && elapsed() > options_.seconds / 2.0) halfway = resident_kib();
    }
    const int64_t memory_after = resident_kib();
    for (std::thread& thread : threads) thread.join();
    return report(memory_before, halfway, memory_after);
  }

 private:
  double elapsed() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }
  bool running() const { return elapsed() < options_.seconds; }

  // A tenth of the streams are bad readers.
  void streams(int index) {
    const Reader reader = index % 20 == 7    ? Reader::kHangsUp
                          : index % 20 == 13 ? Reader::kSlow
                                             : Reader::kGood;
    uint64_t draw = 0;
    const RandomKey key = random_key(static_cast<uint64_t>(index), Purpose::kTest);
    while (running()) {
      const auto number = static_cast<int>(random_below(draw++, key, kQuestions));
      try {
        const std::string text = stream_answer(options_, number, reader, counts_);
        if (reader == Reader::kHangsUp) ++counts_.hung_up;
        if (reader == Reader::kSlow) ++counts_.slow;
        if (text.empty()) continue;
        ++counts_.answers;
        counts_.tokens += options_.tokens;
        if (text != alone_[static_cast<size_t>(number)]) ++counts_.wrong;
      } catch (const Error& error) {
        if (reader == Reader::kSlow) continue;  // the server may cut it off
        ++counts_.lost;
        note(error.what());
      }
    }
  }

  void expect(const std::string& path, std::string body, std::initializer_list<int> statuses,
              const char* key = nullptr) {
    try {
      net::HttpClient client(options_.url);
      net::HttpRequest request = request_for(options_, path, std::move(body));
      if (key) request.headers.set("Authorization", key);
      const int status = client.send(request).status;
      ++counts_.bad_bodies;
      if (std::find(statuses.begin(), statuses.end(), status) == statuses.end()) {
        ++counts_.unexpected;
        note(fmt::format("status {} for a bad request to {}", status, path));
      }
    } catch (const Error&) {
      ++counts_.bad_bodies;  // cut off while it still sent: fair for 100 MB
    }
  }
  void vandals() {
    const std::string huge(100 << 20, 'x');
    int round = 0;
    while (running()) {
      expect("/v1/chat/completions", "{\"messages\": [", {400, 429});
      expect("/v1/chat/completions", std::string(1 << 20, '['), {400, 429});
      expect("/v1/completions", "{\"prompt\": \"\xff\xfe\"}", {400, 429});
      expect("/v1/nothing", "{}", {404});
      if (!options_.key.empty()) expect("/v1/completions", "{}", {401}, "Bearer wrong");
      if (round++ % 20 == 0) expect("/v1/completions", huge, {413});
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }
  void health() {
    net::HttpClient client(options_.url);
    while (running()) {
      const auto begin = Clock::now();
      try {
        if (client.get("/health").status != 200) ++counts_.unexpected;
      } catch (const Error& error) {
        ++counts_.lost;
        note(error.what());
      }
      health_ms_.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
  // Connections that are open and ask now and then for nothing much.
  void idlers() {
    std::vector<net::HttpClient> clients;
    for (int i = 0; i < options_.idle; ++i) clients.emplace_back(options_.url);
    while (running())
      for (net::HttpClient& client : clients) {
        try {
          client.get("/health");
        } catch (const Error& error) {
          ++counts_.lost;
          note(error.what());
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(40));
        if (!running()) break;
      }
  }

  int64_t resident_kib() const {
    std::ifstream status(fmt::format("/proc/{}/status", options_.pid));
    for (std::string line; std::getline(status, line);)
      if (line.rfind("VmRSS:", 0) == 0) return std::stoll(line.substr(6));
    return 0;
  }
  void note(const std::string& what) {
    std::lock_guard lock(mutex_);
    ++notes_[what];
  }
  int report(int64_t before, int64_t halfway, int64_t after) {
    std::sort(health_ms_.begin(), health_ms_.end());
    const auto at = [&](double share) {
      return health_ms_.empty()
                 ? 0.0
                 : health_ms_[static_cast<size_t>(share * static_cast<double>(health_ms_.size() - 1))];
    };
    fmt::print("{:.0f} s, {} streams, {} idle connections\n", elapsed(), options_.streams, options_.idle);
    fmt::print("answers {} ({} tokens), each as given alone: {} wrong, {} lost; {} told to come back (429)\n",
               counts_.answers.load(), counts_.tokens.load(), counts_.wrong.load(), counts_.lost.load(),
               counts_.refused.load());
    fmt::print("{} hung up, {} read slowly, {} bad requests, {} unexpected answers\n", counts_.hung_up.load(),
               counts_.slow.load(), counts_.bad_bodies.load(), counts_.unexpected.load());
    fmt::print("/health: median {:.2f} ms, p99 {:.2f}, worst {:.2f}\n", at(0.5), at(0.99), at(1));
    if (options_.pid > 0)
      fmt::print("resident: {:.1f} MiB before, {:.1f} halfway, {:.1f} at the end\n", before / 1024.0,
                 halfway / 1024.0, after / 1024.0);
    for (const auto& [what, count] : notes_) fmt::print("  {} x {}\n", count, what);
    return counts_.wrong + counts_.lost + counts_.unexpected > 0 || counts_.answers == 0 ? 1 : 0;
  }

  Options options_;
  Counts counts_;
  std::vector<std::string> alone_;
  std::vector<double> health_ms_;
  std::mutex mutex_;
  std::map<std::string, int64_t> notes_;
  Clock::time_point start_ = Clock::now();
};

}  // namespace
}  // namespace aurora::bench

int main(int argc, char** argv) {
  aurora::bench::Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string flag = argv[i];
    const auto value = [&](const std::string& name) -> const char* {
      return flag.rfind(name, 0) == 0 ? argv[i] + name.size() : nullptr;
    };
    if (const char* v = value("--pid="))
      options.pid = std::atoi(v);
    else if (const char* v = value("--seconds="))
      options.seconds = std::atoi(v);
    else if (const char* v = value("--streams="))
      options.streams = std::atoi(v);
    else if (const char* v = value("--idle="))
      options.idle = std::atoi(v);
    else if (const char* v = value("--tokens="))
      options.tokens = std::atoi(v);
    else if (const char* v = value("--key="))
      options.key = v;
    else
      options.url = flag;
  }
  if (options.url.empty()) {
    fmt::print(stderr,
               "usage: load_bench URL [--pid=N] [--seconds=300] [--streams=64] [--idle=500] [--key=K] "
               "[--tokens=32]\n");
    return 2;
  }
  try {
    return aurora::bench::Load(options).run();
  } catch (const aurora::Error& error) {
    fmt::print(stderr, "load_bench: {}\n", error.what());
    return 1;
  }
}
