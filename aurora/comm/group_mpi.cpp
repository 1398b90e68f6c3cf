#include <mpi.h>

#include <algorithm>
#include <exception>

#include "aurora/base/check.h"
#include "aurora/base/error.h"
#include "aurora/comm/launch.h"
#include "aurora/comm/self.h"
#include "aurora/comm/world.h"

namespace aurora::comm {
namespace {

// MPI counts with an int; longer messages go in pieces, which arrive in order.
constexpr size_t kPiece = size_t{1} << 30;

void check_mpi(int status, const char* doing) {
  if (status == MPI_SUCCESS) return;
  char text[MPI_MAX_ERROR_STRING] = "";
  int length = 0;
  MPI_Error_string(status, text, &length);
  throw Error(fmt::format("{}: {}", doing, text), "MPI", "look at the other ranks and at the launcher");
}

void stop_all_ranks(const char*) {
  MPI_Abort(MPI_COMM_WORLD, 1);
}

// Calls fn(begin, count) for the pieces of a message; at least once, so that empty messages are sent too.
template <typename Fn>
void for_pieces(size_t bytes, const Fn& fn) {
  size_t begin = 0;
  do {
    const size_t count = std::min(kPiece, bytes - begin);
    fn(begin, static_cast<int>(count));
    begin += count;
  } while (begin < bytes);
}

class MpiGroup : public Group {
 public:
  MpiGroup() {
    int initialised = 0, provided = 0;
    MPI_Initialized(&initialised);
    AURORA_CHECK(!initialised, "a second world group");
    check_mpi(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_SERIALIZED, &provided), "starting MPI");
    if (provided < MPI_THREAD_SERIALIZED)
      throw Error("this MPI gives no thread support (MPI_THREAD_SERIALIZED)", "MPI", "use another MPI");
    check_mpi(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN), "starting MPI");
    check_mpi(MPI_Comm_rank(MPI_COMM_WORLD, &rank_), "asking for the rank");
    check_mpi(MPI_Comm_size(MPI_COMM_WORLD, &size_), "asking for the number of ranks");
    set_check_rank(rank_);
    set_abort_handler(stop_all_ranks);
  }

  ~MpiGroup() override {
    set_abort_handler(nullptr);
    if (std::uncaught_exceptions() == 0) MPI_Finalize();
  }

  int rank() const override { return rank_; }
  int size() const override { return size_; }

  void barrier() override { check_mpi(MPI_Barrier(MPI_COMM_WORLD), "waiting for all ranks"); }

  void broadcast(void* data, size_t bytes, int root) override {
    for_pieces(bytes, [&](size_t begin, int count) {
      check_mpi(MPI_Bcast(static_cast<char*>(data) + begin, count, MPI_BYTE, root, MPI_COMM_WORLD),
                "broadcasting");
    });
  }

  void send(const void* data, size_t bytes, int peer, int tag) override {
    check_peer(peer);
    for_pieces(bytes, [&](size_t begin, int count) {
      check_mpi(MPI_Send(static_cast<const char*>(data) + begin, count, MPI_BYTE, peer, tag, MPI_COMM_WORLD),
                "sending");
    });
  }

  void receive(void* data, size_t bytes, int peer, int tag) override {
    check_peer(peer);
    for_pieces(bytes, [&](size_t begin, int count) {
      MPI_Status status;
      int received = 0;
      check_mpi(
          MPI_Recv(static_cast<char*>(data) + begin, count, MPI_BYTE, peer, tag, MPI_COMM_WORLD, &status),
          "receiving");
      check_mpi(MPI_Get_count(&status, MPI_BYTE, &received), "receiving");
      AURORA_CHECK(received == count, "rank {} sends {} bytes, rank {} wants {}", peer, received, rank_,
                   count);
    });
  }

  void abort(const std::string&) override {
    MPI_Abort(MPI_COMM_WORLD, 1);
    std::abort();  // MPI_Abort does not return
  }

 private:
  void check_peer(int peer) const {
    AURORA_CHECK(peer >= 0 && peer < size_ && peer != rank_, "rank {} of {} talks to {}", rank_, size_, peer);
  }

  int rank_ = 0;
  int size_ = 1;
};

}  // namespace

std::unique_ptr<Group> world_group() {
  if (!launched_by_mpi()) return self_group();
  return std::make_unique<MpiGroup>();
}

}  // namespace aurora::comm
