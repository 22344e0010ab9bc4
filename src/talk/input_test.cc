#include "talk/input.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <optional>

#include "wire/testing.h"

namespace oche::talk {
namespace {

// A pipe whose writing end the test has.
struct Pipe {
  Pipe() { EXPECT_EQ(::pipe(ends), 0); }
  ~Pipe() {
    end();
    ::close(ends[0]);
  }
  void write(std::string_view text) const {
    EXPECT_EQ(::write(ends[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  void end() {
    if (ends[1] >= 0) ::close(ends[1]);
    ends[1] = -1;
  }
  int ends[2] = {-1, -1};
};

// An input on a loop of its own, asked for one piece after another.
class Asker {
 public:
  explicit Asker(const Source& source) {
    thread_.call([&] {
      input_ = open_input(thread_.loop(), source);
      input_->on_piece = [this](InputPiece&& piece) { pieces_.put(std::move(piece)); };
    });
  }
  ~Asker() {
    thread_.call([this] { input_.reset(); });
  }
  InputPiece ask(std::size_t most) {
    thread_.call([&] { input_->ask(most); });
    return pieces_.take();
  }
  void only_ask(std::size_t most) {
    thread_.call([&] { input_->ask(most); });
  }
  std::optional<std::uint64_t> size() const { return input_->size(); }

 private:
  wire::testing::Mailbox<InputPiece> pieces_;
  wire::testing::LoopThread thread_;
  std::unique_ptr<Input> input_;
};

Source lines_of(int descriptor) { return {{}, descriptor, Cut::lines}; }
Source whole(int descriptor) { return {{}, descriptor, Cut::whole}; }

TEST(Input, gives_a_text_in_pieces) {
  Asker asker({"hello", 0, Cut::whole});
  EXPECT_EQ(asker.size(), 5U);
  const InputPiece first = asker.ask(3);
  EXPECT_EQ(first.bytes, "hel");
  EXPECT_FALSE(first.ends_message || first.ends_input);
  const InputPiece last = asker.ask(3);
  EXPECT_EQ(last.bytes, "lo");
  EXPECT_TRUE(last.ends_message && last.ends_input);
}

TEST(Input, reads_a_pipe_to_its_end_as_one_message) {
  Pipe pipe;
  Asker asker(whole(pipe.ends[0]));
  EXPECT_EQ(asker.size(), std::nullopt);
  pipe.write("a\nb");
  const InputPiece piece = asker.ask(100);
  EXPECT_EQ(piece.bytes, "a\nb");
  EXPECT_FALSE(piece.ends_message);
  pipe.end();
  const InputPiece end = asker.ask(100);
  EXPECT_EQ(end.bytes, "");
  EXPECT_TRUE(end.ends_message && end.ends_input);
}

TEST(Input, makes_a_message_of_each_line) {
  Pipe pipe;
  Asker asker(lines_of(pipe.ends[0]));
  pipe.write("one\n\nthr");
  EXPECT_EQ(asker.ask(100).bytes, "one\n");
  const InputPiece empty_line = asker.ask(100);
  EXPECT_EQ(empty_line.bytes, "\n");
  EXPECT_TRUE(empty_line.ends_message);
  const InputPiece part = asker.ask(2);
  EXPECT_EQ(part.bytes, "th");
  EXPECT_FALSE(part.ends_message);
  EXPECT_EQ(asker.ask(100).bytes, "r");
  pipe.end();
  const InputPiece end = asker.ask(100);  // a last line without a newline is one too
  EXPECT_TRUE(end.ends_message && end.ends_input);
}

TEST(Input, has_no_message_after_the_last_newline) {
  Pipe pipe;
  Asker asker(lines_of(pipe.ends[0]));
  pipe.write("one\n");
  EXPECT_TRUE(asker.ask(100).ends_message);
  pipe.end();
  const InputPiece end = asker.ask(100);
  EXPECT_TRUE(end.ends_input);
  EXPECT_FALSE(end.ends_message);
}

TEST(Input, knows_the_size_of_a_file_from_where_it_stands) {
  std::FILE* const file = std::tmpfile();
  ASSERT_NE(file, nullptr);
  ASSERT_EQ(::write(fileno(file), "abcdef", 6), 6);
  ASSERT_EQ(::lseek(fileno(file), 2, SEEK_SET), 2);
  {
    Asker asker(whole(fileno(file)));
    EXPECT_EQ(asker.size(), 4U);
    EXPECT_EQ(asker.ask(3).bytes, "cde");
    const InputPiece last = asker.ask(3);
    EXPECT_EQ(last.bytes, "f");
    EXPECT_TRUE(last.ends_message && last.ends_input);
  }
  ASSERT_EQ(::lseek(fileno(file), 0, SEEK_SET), 0);
  {
    Asker asker(whole(fileno(file)));
    EXPECT_EQ(asker.ask(3).bytes, "abc");
    ASSERT_EQ(::ftruncate(fileno(file), 3), 0);
    EXPECT_TRUE(asker.ask(3).failure);
  }
  std::fclose(file);
}

TEST(Input, says_why_it_can_not_be_read) {
  const int folder = ::open("/", O_RDONLY);
  {
    Asker asker(whole(folder));
    EXPECT_TRUE(asker.ask(3).failure);
  }
  ::close(folder);
}

// Were it to wait, the test would.
TEST(Input, ends_while_a_read_waits) {
  Pipe pipe;
  Asker asker(whole(pipe.ends[0]));
  asker.only_ask(100);
}

}  // namespace
}  // namespace oche::talk
