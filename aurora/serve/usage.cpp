#include "aurora/serve/usage.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "aurora/base/error.h"

namespace aurora::serve {
namespace {

constexpr int kApplication = 0x41555247;  // "AURG"
constexpr int kSchema = 1;
constexpr int kBusyMilliseconds = 5000;
constexpr auto kPause = std::chrono::milliseconds(500);  // between batches

struct Close {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, Close>;
using Statement = std::unique_ptr<sqlite3_stmt, Close>;

[[noreturn]] void fail(sqlite3* database, const Path& file, const char* doing) {
  throw Error(fmt::format("{}: {}", doing, sqlite3_errmsg(database)), file.string(),
              "check space and permissions, or name another file");
}

Database open(const Path& file, int flags) {
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(file.c_str(), &raw, flags, nullptr);
  Database database(raw);
  if (code != SQLITE_OK) fail(raw, file, "cannot open the usage log");
  sqlite3_busy_timeout(raw, kBusyMilliseconds);
  return database;
}

Statement prepare(sqlite3* database, const Path& file, const std::string& sql) {
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v2(database, sql.c_str(), -1, &raw, nullptr) != SQLITE_OK)
    fail(database, file, "no usage log");
  return Statement(raw);
}

void run(sqlite3* database, const Path& file, const std::string& sql) {
  if (sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    fail(database, file, "cannot write the usage log");
}

int64_t one_number(sqlite3* database, const Path& file, const std::string& sql) {
  Statement statement = prepare(database, file, sql);
  return sqlite3_step(statement.get()) == SQLITE_ROW ? sqlite3_column_int64(statement.get(), 0) : 0;
}

void check_owner(sqlite3* database, const Path& file) {
  if (one_number(database, file, "PRAGMA application_id") != kApplication ||
      one_number(database, file, "PRAGMA user_version") != kSchema)
    throw Error("this SQLite file is no usage log of ours", file.string(), "name another file");
}

void make_schema(sqlite3* database, const Path& file) {
  run(database, file, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
  if (one_number(database, file, "SELECT count(*) FROM sqlite_master") > 0)
    return check_owner(database, file);
  run(database, file,
      fmt::format("BEGIN IMMEDIATE; PRAGMA application_id = {}; PRAGMA user_version = {};"
                  "CREATE TABLE answers(at INTEGER NOT NULL, key TEXT NOT NULL, model TEXT NOT NULL,"
                  " endpoint TEXT NOT NULL, status INTEGER NOT NULL, prompt_tokens INTEGER NOT NULL,"
                  " cached_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL,"
                  " milliseconds INTEGER NOT NULL);"
                  "CREATE INDEX answers_at ON answers(at); COMMIT",
                  kApplication, kSchema));
}

void bind_text(sqlite3_stmt* statement, int index, const std::string& text) {
  sqlite3_bind_text(statement, index, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
}

}  // namespace

struct UsageLog::State {
  Path file;
  Database database;
  std::mutex mutex;
  std::condition_variable wake;
  std::vector<UsageRow> waiting;
  uint64_t dropped = 0;
  bool closing = false;
  std::thread writer;

  void write_until_closed();
  bool write(const std::vector<UsageRow>& rows);
};

// False when the disk refuses; the rows are then lost, and counted.
bool UsageLog::State::write(const std::vector<UsageRow>& rows) {
  sqlite3* raw = database.get();
  if (sqlite3_exec(raw, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) != SQLITE_OK) return false;
  Statement insert = prepare(raw, file, "INSERT INTO answers VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
  bool whole = true;
  for (const UsageRow& row : rows) {
    sqlite3_bind_int64(insert.get(), 1, row.at);
    bind_text(insert.get(), 2, row.key);
    bind_text(insert.get(), 3, row.model);
    bind_text(insert.get(), 4, row.endpoint);
    const int64_t numbers[] = {row.status, row.prompt_tokens, row.cached_tokens, row.completion_tokens,
                               row.milliseconds};
    for (int i = 0; i < 5; ++i) sqlite3_bind_int64(insert.get(), 5 + i, numbers[i]);
    whole = whole && sqlite3_step(insert.get()) == SQLITE_DONE;
    sqlite3_reset(insert.get());
  }
  whole = whole && sqlite3_exec(raw, "COMMIT", nullptr, nullptr, nullptr) == SQLITE_OK;
  if (!whole) sqlite3_exec(raw, "ROLLBACK", nullptr, nullptr, nullptr);
  return whole;
}

void UsageLog::State::write_until_closed() {
  std::unique_lock lock(mutex);
  while (true) {
    wake.wait(lock, [&] { return closing || !waiting.empty(); });
    if (!closing) wake.wait_for(lock, kPause, [&] { return closing; });  // let a batch gather
    if (waiting.empty()) return;
    std::vector<UsageRow> rows;
    rows.swap(waiting);
    lock.unlock();
    bool whole = false;
    try {
      whole = write(rows);
    } catch (const Error&) {
    }
    lock.lock();
    if (!whole) dropped += rows.size();
  }
}

UsageLog::UsageLog(const Path& file) : state_(std::make_unique<State>()) {
  state_->file = file;
  state_->database = open(file, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  make_schema(state_->database.get(), file);
  state_->writer = std::thread([state = state_.get()] { state->write_until_closed(); });
}

UsageLog::~UsageLog() {
  {
    std::lock_guard lock(state_->mutex);
    state_->closing = true;
  }
  state_->wake.notify_all();
  state_->writer.join();
}

void UsageLog::add(UsageRow row) {
  {
    std::lock_guard lock(state_->mutex);
    if (state_->waiting.size() >= kMostWaiting) {
      ++state_->dropped;
      return;
    }
    state_->waiting.push_back(std::move(row));
  }
  state_->wake.notify_one();
}

uint64_t UsageLog::dropped() const {
  std::lock_guard lock(state_->mutex);
  return state_->dropped;
}

std::vector<UsageSum> read_usage(const Path& file, int64_t since, int64_t until) {
  if (!std::filesystem::exists(file))
    throw Error("there is no usage log", file.string(), "start the server with --usage FILE");
  Database database =
      open(file, SQLITE_OPEN_READWRITE);  // a WAL file is read by those who may write beside it
  check_owner(database.get(), file);
  Statement select = prepare(database.get(), file,
                             "SELECT key, model, count(*), sum(status >= 400), sum(prompt_tokens),"
                             " sum(cached_tokens), sum(completion_tokens) FROM answers"
                             " WHERE at >= ?1 AND at < ?2 GROUP BY key, model ORDER BY key, model");
  sqlite3_bind_int64(select.get(), 1, since);
  sqlite3_bind_int64(select.get(), 2, until);
  std::vector<UsageSum> sums;
  int code = SQLITE_DONE;
  while ((code = sqlite3_step(select.get())) == SQLITE_ROW) {
    const auto text = [&](int column) {
      const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(select.get(), column));
      return std::string(bytes ? bytes : "");
    };
    const auto number = [&](int column) { return sqlite3_column_int64(select.get(), column); };
    sums.push_back({text(0), text(1), number(2), number(3), number(4), number(5), number(6)});
  }
  if (code != SQLITE_DONE) fail(database.get(), file, "cannot read the usage log");
  return sums;
}

}  // namespace aurora::serve
