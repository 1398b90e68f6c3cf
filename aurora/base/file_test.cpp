#include "aurora/base/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "aurora/base/error.h"
#include "aurora/base/fault.h"
#include "aurora/base/test_folder.h"

namespace aurora {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> names_in(const Path& folder) {
  std::vector<std::string> names;
  for (const Path& file : list_files(folder)) names.push_back(file.lexically_relative(folder).string());
  return names;
}

template <typename Call>
std::string message_of(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

// Runs `body` in a child process and returns its wait status.
template <typename Body>
int in_child(Body body) {
  const pid_t child = ::fork();
  if (child == 0) {
    body();
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

TEST(ReadFile, GivesWhatWasWritten) {
  TestFolder folder;
  std::string bytes = "a\0b\n";
  bytes += std::string(3'000'000, 'x');
  write_file_atomic(folder / "new/deep/f", bytes);
  EXPECT_EQ(read_file(folder / "new/deep/f"), bytes);
  std::string pieces;
  read_pieces(folder / "new/deep/f", [&](std::string_view piece) { pieces += piece; });
  EXPECT_EQ(pieces, bytes);
}

TEST(ReadFile, RefusesMissingFoldersAndTooLarge) {
  TestFolder folder;
  write_file_atomic(folder / "ten", "0123456789");
  EXPECT_EQ(read_file(folder / "ten", 10), "0123456789");
  EXPECT_THAT(message_of([&] { read_file(folder / "ten", 9); }), HasSubstr("larger than the 9 bytes"));
  EXPECT_THAT(message_of([&] { read_file(folder / "none"); }), HasSubstr("none: cannot open: No such file"));
  EXPECT_THAT(message_of([&] { read_file(folder.path()); }), HasSubstr("Is a directory"));
}

TEST(ReadFile, ReadsFilesThatHaveNoSize) {
  EXPECT_THAT(read_file("/proc/self/status"), HasSubstr("Pid:"));
}

TEST(MappedFile, ShowsTheBytesAndMoves) {
  TestFolder folder;
  write_file_atomic(folder / "f", "hello");
  MappedFile first(folder / "f");
  MappedFile second = std::move(first);
  ASSERT_EQ(second.bytes().size(), 5u);
  EXPECT_EQ(static_cast<char>(second.bytes()[4]), 'o');
  write_file_atomic(folder / "empty", "");
  EXPECT_TRUE(MappedFile(folder / "empty").bytes().empty());
  EXPECT_THROW(MappedFile(folder.path()), Error);
}

TEST(AtomicFile, AppearsOnlyAtCommit) {
  TestFolder folder;
  {
    AtomicFile file(folder / "f");
    file.write("half");
    EXPECT_FALSE(std::filesystem::exists(folder / "f"));
    EXPECT_EQ(file.size(), 4u);
    file.commit();
  }
  EXPECT_THAT(names_in(folder.path()), ElementsAre("f"));
  EXPECT_EQ(read_file(folder / "f"), "half");
}

TEST(AtomicFile, LeavesNothingAndKeepsTheOldWhenNotCommitted) {
  TestFolder folder;
  write_file_atomic(folder / "f", "old");
  {
    AtomicFile file(folder / "f");
    file.write(std::string(2'500'000, 'n'));
  }
  EXPECT_THAT(names_in(folder.path()), ElementsAre("f"));
  EXPECT_EQ(read_file(folder / "f"), "old");
}

TEST(AtomicFile, MovedFromFileLeavesTheNewOwnerInCharge) {
  TestFolder folder;
  AtomicFile first(folder / "f");
  first.write("ab");
  AtomicFile second(std::move(first));
  second.write("cd");
  second.commit();
  EXPECT_EQ(read_file(folder / "f"), "abcd");
}

TEST(AtomicFile, FileSizeLimitIsAnErrorThatLosesNothing) {
  TestFolder folder;
  write_file_atomic(folder / "f", "old");
  const int status = in_child([&] {
    ignore_file_size_signal();
    const rlimit limit{1 << 20, 1 << 20};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const std::string message =
        message_of([&] { write_file_atomic(folder / "f", std::string(3 << 20, 'x')); });
    const bool clear = message.find("ulimit -f") != std::string::npos &&
                       message.find(folder.path().string() + "/f: cannot write") != std::string::npos;
    ::_exit(clear && names_in(folder.path()).size() == 1 ? 0 : 1);
  });
  EXPECT_EQ(status, 0);
  EXPECT_EQ(read_file(folder / "f"), "old");
}

TEST(AtomicFile, KilledBeforeTheRenameLeavesTheOldFileAndAPartialThatIsRemoved) {
  TestFolder folder;
  write_file_atomic(folder / "f", "old");
  const int status = in_child([&] {
    ::close(2);
    arm_fault(1);  // file.rename
    write_file_atomic(folder / "f", "new");
  });
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGKILL);
  EXPECT_EQ(read_file(folder / "f"), "old");
  EXPECT_EQ(names_in(folder.path()).size(), 2u);
  remove_partials(folder.path());
  EXPECT_THAT(names_in(folder.path()), ElementsAre("f"));
}

TEST(AtomicFile, KilledAfterTheRenameLeavesTheNewFile) {
  TestFolder folder;
  write_file_atomic(folder / "f", "old");
  const int status = in_child([&] {
    ::close(2);
    arm_fault(2);  // file.renamed
    write_file_atomic(folder / "f", "new");
  });
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(read_file(folder / "f"), "new");
  EXPECT_THAT(names_in(folder.path()), ElementsAre("f"));
}

TEST(RemovePartials, SparesLivingWritersAndOtherFiles) {
  TestFolder folder;
  write_file_atomic(folder / "my.partial-notes", "mine");
  AtomicFile file(folder / "f");
  file.write("x");
  remove_partials(folder.path());
  file.commit();
  EXPECT_THAT(names_in(folder.path()), ElementsAre("f", "my.partial-notes"));
  remove_partials(folder / "missing");
}

TEST(Fault, CountsPointsAndKillsAtTheGivenOne) {
  const uint64_t before = fault_points_passed();
  fault_point("a");
  fault_point("b");
  EXPECT_EQ(fault_points_passed(), before + 2);
  const int status = in_child([] {
    ::close(2);
    arm_fault(3);
    fault_point("1");
    fault_point("2");
    fault_point("3");
  });
  EXPECT_TRUE(WIFSIGNALED(status));
}

TEST(ListFiles, IsSortedByBytesOfTheWholePath) {
  TestFolder folder;
  for (const char* name : {"b", "a/z", "a.txt", "a-b", "\xc3\xa9"}) write_file_atomic(folder / name, "");
  EXPECT_THAT(names_in(folder.path()), ElementsAre("a-b", "a.txt", "a/z", "b", "\xc3\xa9"));
  EXPECT_THAT(list_files(folder / "b"), ElementsAre(folder / "b"));
  EXPECT_THROW(list_files(folder / "none"), Error);
}

TEST(ListFiles, SurvivesLoopsDanglingLinksAndPipes) {
  TestFolder folder;
  write_file_atomic(folder / "in/f", "");
  std::filesystem::create_directory_symlink(folder.path(), folder / "in/loop");
  std::filesystem::create_directory_symlink("self", folder / "self");
  std::filesystem::create_symlink("nowhere", folder / "dangling");
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_THAT(names_in(folder.path()), ElementsAre("in/f"));
}

TEST(ListFiles, TellsUnreadableFolders) {
  TestFolder folder;
  write_file_atomic(folder / "open/f", "");
  std::filesystem::create_directory(folder / "shut");
  ::chmod(folder.path().c_str(), 0755);
  ::chmod((folder / "shut").c_str(), 0);
  const int status = in_child([&] {
    if (::geteuid() == 0 && ::setuid(65534) != 0) ::_exit(2);  // root reads everything
    std::vector<Path> unreadable;
    const std::vector<Path> files = list_files(folder.path(), &unreadable);
    ::_exit(files == std::vector{folder / "open/f"} && unreadable == std::vector{folder / "shut"} ? 0 : 1);
  });
  EXPECT_EQ(status, 0);
}

class Glob : public ::testing::Test {
 protected:
  Glob() {
    for (const char* name : {"a.md", "b.txt", "doc/c.md", "doc/deep/d.md", ".hidden/e.md", "x[1].md"}) {
      write_file_atomic(folder_ / name, "");
    }
  }
  std::vector<std::string> expand(const std::string& pattern) {
    std::vector<std::string> names;
    for (const Path& path : expand_glob((folder_ / pattern).string())) {
      names.push_back(path.lexically_relative(folder_.path()).string());
    }
    return names;
  }
  TestFolder folder_;
};

TEST_F(Glob, MatchesOneFolder) {
  EXPECT_THAT(expand("*.md"), ElementsAre("a.md", "x[1].md"));
  EXPECT_THAT(expand("?.[mt]*"), ElementsAre("a.md", "b.txt"));
}

TEST_F(Glob, DoubleStarIsAnyNumberOfFolders) {
  EXPECT_THAT(expand("**/[cd].md"), ElementsAre("doc/c.md", "doc/deep/d.md"));
  EXPECT_THAT(expand("doc/**"), ElementsAre("doc/c.md", "doc/deep/d.md"));
}

TEST_F(Glob, AFolderStandsForItsFiles) {
  EXPECT_THAT(expand("doc"), ElementsAre("doc/c.md", "doc/deep/d.md"));
  EXPECT_THAT(expand("d*"), ElementsAre("doc/c.md", "doc/deep/d.md"));
}

TEST_F(Glob, AFileNamedLikeAPatternIsFound) {
  EXPECT_THAT(expand("x[1].md"), ElementsAre("x[1].md"));
}

TEST_F(Glob, NothingFoundIsAnError) {
  EXPECT_THAT(message_of([&] { expand("*.pdf"); }), HasSubstr("*.pdf: no file matches"));
  EXPECT_THAT(message_of([&] { expand("nope.txt"); }), HasSubstr("no file matches"));
}

TEST_F(Glob, RelativePatternsWork) {
  const Path before = std::filesystem::current_path();
  std::filesystem::current_path(folder_.path());
  EXPECT_THAT(expand_glob("**/c.md"), ElementsAre(Path("doc/c.md")));
  EXPECT_THAT(expand_glob("*.txt"), ElementsAre(Path("b.txt")));
  std::filesystem::current_path(before);
}

}  // namespace
}  // namespace aurora
