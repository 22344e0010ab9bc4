#include "talk/output.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <memory>

#include "wire/testing.h"

namespace oche::talk {
namespace {

class Writer {
 public:
  explicit Writer(Sink sink) {
    thread_.call([&] {
      output_ = std::make_unique<Output>(thread_.loop(), sink);
      output_->on_written = [this](std::uint64_t cost) { written_.put(cost); };
      output_->on_failed = [this](const std::string& why) { failures_.put(why); };
    });
  }
  ~Writer() {
    thread_.call([this] { output_.reset(); });
  }
  void write(std::string bytes, std::uint64_t cost) {
    thread_.call([&] { output_->write(std::move(bytes), cost); });
  }
  void end_message(std::uint64_t cost) {
    thread_.call([&] { output_->end_message(cost); });
  }
  std::uint64_t written() { return written_.take(); }
  bool nothing_written() { return written_.empty(); }
  std::string failure() { return failures_.take(); }

 private:
  wire::testing::Mailbox<std::uint64_t> written_;
  wire::testing::Mailbox<std::string> failures_;
  wire::testing::LoopThread thread_;
  std::unique_ptr<Output> output_;
};

struct Pipe {
  Pipe() { EXPECT_EQ(::pipe(ends), 0); }
  ~Pipe() {
    ::close(ends[0]);
    ::close(ends[1]);
  }
  std::string read(std::size_t n) const {
    std::string bytes(n, '\0');
    std::size_t got = 0;
    while (got < n) {
      const ssize_t more = ::read(ends[0], bytes.data() + got, n - got);
      if (more <= 0) break;
      got += static_cast<std::size_t>(more);
    }
    bytes.resize(got);
    return bytes;
  }
  int ends[2] = {-1, -1};
};

TEST(Output, writes_in_order_and_tells_when) {
  const Pipe pipe;
  Writer writer({pipe.ends[1], false});
  writer.write("hel", 19);
  writer.write("lo\x1b", 19);
  writer.end_message(16);
  EXPECT_EQ(writer.written(), 19U);
  EXPECT_EQ(writer.written(), 19U);
  EXPECT_EQ(writer.written(), 16U);
  EXPECT_EQ(pipe.read(6), "hello\x1b");
}

TEST(Output, shows_a_terminal_what_can_not_command_it) {
  const Pipe pipe;
  Writer writer({pipe.ends[1], true});
  writer.write("a\x1b", 1);
  writer.end_message(1);
  EXPECT_EQ(pipe.read(6), "a\\x1b\n");
}

TEST(Output, tells_nothing_before_it_is_written) {
  const Pipe pipe;
  Writer writer({pipe.ends[1], false});
  const std::string much(200'000, 'm');  // more than a pipe holds
  writer.write(much, 7);
  EXPECT_EQ(pipe.read(1000), much.substr(0, 1000));
  EXPECT_TRUE(writer.nothing_written());
  EXPECT_EQ(pipe.read(199'000).size(), 199'000U);
  EXPECT_EQ(writer.written(), 7U);
}

// Were it to wait, the test would.
TEST(Output, ends_while_a_write_waits) {
  const Pipe pipe;
  Writer writer({pipe.ends[1], false});
  writer.write(std::string(1'000'000, 'm'), 7);
  EXPECT_EQ(pipe.read(1).size(), 1U);
}

TEST(Output, says_why_it_can_not_be_written) {
  std::signal(SIGPIPE, SIG_IGN);
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ::close(ends[0]);
  Writer writer({ends[1], false});
  writer.write("lost", 20);
  EXPECT_NE(writer.failure(), "");
  ::close(ends[1]);
}

}  // namespace
}  // namespace oche::talk
