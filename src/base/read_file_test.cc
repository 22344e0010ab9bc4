#include "base/read_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

namespace oche {
namespace {

class ReadFile : public testing::Test {
 protected:
  void SetUp() override {
    std::string folder = (std::filesystem::temp_directory_path() / "oche-XXXXXX").string();
    ASSERT_NE(mkdtemp(folder.data()), nullptr);
    folder_ = folder;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  void write(const std::string& name, const std::string& bytes) const {
    std::ofstream(path(name), std::ios::binary) << bytes;
  }

 private:
  std::filesystem::path folder_;
};

TEST_F(ReadFile, reads_as_many_bytes_as_are_allowed_and_no_more) {
  const std::string bytes(100'000, 'x');
  write("file", bytes);
  EXPECT_EQ(read_file(path("file"), 100'000).bytes, bytes);
  EXPECT_EQ(read_file(path("file"), 100'000).failure, "");
  EXPECT_FALSE(read_file(path("file"), 100'000).too_long);
  EXPECT_TRUE(read_file(path("file"), 99'999).too_long);
  write("empty", "");
  EXPECT_EQ(read_file(path("empty"), 10).failure, "");
}

TEST_F(ReadFile, tells_why_a_file_cannot_be_read) {
  EXPECT_EQ(read_file(path("none"), 10).failure, "No such file or directory");
  EXPECT_EQ(read_file(path("."), 10).failure, "it is a folder");
}

TEST_F(ReadFile, a_device_ends_at_the_limit) {
  EXPECT_TRUE(read_file("/dev/zero", 1 << 20).too_long);
  EXPECT_EQ(read_file("/dev/null", 10).failure, "");
}

TEST_F(ReadFile, a_pipe_without_a_writer_is_not_waited_for) {
  ASSERT_EQ(mkfifo(path("pipe").c_str(), 0600), 0);
  EXPECT_EQ(read_file(path("pipe"), 10).failure, "it is a pipe that nobody writes to");
}

TEST_F(ReadFile, reads_what_is_in_a_pipe_whose_writer_has_gone) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  ASSERT_EQ(::write(ends[1], "1,2\n", 4), 4);
  close(ends[1]);
  EXPECT_EQ(read_file("/dev/fd/" + std::to_string(ends[0]), 10).bytes, "1,2\n");
  close(ends[0]);
}

TEST_F(ReadFile, waits_for_a_writer_that_has_the_pipe_open) {
  ASSERT_EQ(mkfifo(path("pipe").c_str(), 0600), 0);
  const int writer = open(path("pipe").c_str(), O_RDWR);  // O_WRONLY would wait for the reader
  ASSERT_GE(writer, 0);
  std::thread late([writer] {
    EXPECT_EQ(::write(writer, "late", 4), 4);
    close(writer);
  });
  EXPECT_EQ(read_file(path("pipe"), 10).bytes, "late");
  late.join();
}

}  // namespace
}  // namespace oche
