#include "wire/key_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <thread>

#include "oche/error.h"

namespace oche::wire {
namespace {

using ::testing::HasSubstr;

class KeyFile : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "keysXXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder = name;
    path = host_keys_path(folder);
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  void write(const std::string& text, mode_t mode = 0600) const {
    std::ofstream(path) << text;
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
  }
  std::string text() const {
    std::ostringstream all;
    all << std::ifstream(path).rdbuf();
    return all.str();
  }

  std::string folder, path;
};

std::string message_of(const std::function<void()>& f, ErrorKind kind) {
  try {
    f();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind);
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return {};
}

TEST_F(KeyFile, that_is_not_there_has_no_keys) { EXPECT_TRUE(read_host_keys(path).empty()); }

TEST_F(KeyFile, keeps_keys_comments_and_order) {
  const Key a = make_key(KeyRole::work, "a");
  const Key b = make_key(KeyRole::talk, "b");
  write("# the lab\n\n" + to_text(a) + "  # a's\n");
  add_host_key(path, b);
  EXPECT_EQ(text(), "# the lab\n\n" + to_text(a) + "  # a's\n" + to_text(b) + "\n");
  EXPECT_EQ(read_host_keys(path), (std::vector<Key>{a, b}));
  EXPECT_TRUE(remove_host_key(path, a.id));
  EXPECT_EQ(text(), "# the lab\n\n" + to_text(b) + "\n");
  EXPECT_FALSE(remove_host_key(path, a.id));
}

TEST_F(KeyFile, mends_a_last_line_without_its_end) {
  const Key a = make_key(KeyRole::work, "a");
  const Key b = make_key(KeyRole::work, "b");
  write(to_text(a));
  add_host_key(path, b);
  EXPECT_EQ(read_host_keys(path), (std::vector<Key>{a, b}));
  EXPECT_TRUE(remove_host_key(path, b.id));
  EXPECT_EQ(read_host_keys(path), std::vector<Key>{a});
}

TEST_F(KeyFile, has_each_name_once_in_a_role) {
  add_host_key(path, make_key(KeyRole::work, "a"));
  add_host_key(path, make_key(KeyRole::talk, "a"));
  EXPECT_THAT(
      message_of([&] { add_host_key(path, make_key(KeyRole::work, "a")); }, ErrorKind::usage),
      HasSubstr("'a' for work already"));
  EXPECT_EQ(read_host_keys(path).size(), 2u);
}

TEST_F(KeyFile, is_for_its_owner_alone) {
  add_host_key(path, make_key(KeyRole::work, "a"));
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  for (const mode_t mode : {0640, 0604, 0620, 0602}) {
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
    EXPECT_THAT(message_of([&] { read_host_keys(path); }, ErrorKind::file),
                HasSubstr("other users may read or change it"));
  }
}

TEST_F(KeyFile, names_the_line_that_is_no_key) {
  write(to_text(make_key(KeyRole::work, "a")) + "\n\nnonsense\n");
  EXPECT_THAT(message_of([&] { read_host_keys(path); }, ErrorKind::file),
              HasSubstr("line 3 isn't a key"));
}

TEST_F(KeyFile, makes_the_own_key_once) {
  std::vector<Key> keys(8);
  std::vector<std::thread> threads;
  for (Key& key : keys) threads.emplace_back([&] { key = own_key(path); });
  for (std::thread& thread : threads) thread.join();
  for (const Key& key : keys) EXPECT_EQ(key, keys.front());
  EXPECT_EQ(keys.front().id.role, KeyRole::own);
  EXPECT_EQ(read_host_keys(path), std::vector<Key>{keys.front()});
}

TEST_F(KeyFile, of_a_dialler_is_by_host_and_service) {
  const std::string dial = dial_keys_path(folder);
  const Address lab{"lab.example", 11267};
  const Address other{"lab.example", 5};
  const Key work = make_key(KeyRole::work, "me");
  const Key talk = make_key(KeyRole::talk, "me");
  keep_dial_key(dial, lab, work);
  keep_dial_key(dial, lab, talk);
  EXPECT_EQ(find_dial_key(dial, lab, Service::work), work);
  EXPECT_EQ(find_dial_key(dial, lab, Service::talk), talk);
  EXPECT_EQ(find_dial_key(dial, lab, Service::send), std::nullopt);
  EXPECT_EQ(find_dial_key(dial, other, Service::work), std::nullopt);
  const Key newer = make_key(KeyRole::work, "me2");
  keep_dial_key(dial, lab, newer);
  EXPECT_EQ(find_dial_key(dial, lab, Service::work), newer);
  EXPECT_EQ(find_dial_key(dial, lab, Service::talk), talk);
}

TEST_F(KeyFile, with_one_key_is_read_past_comments) {
  const Key key = make_key(KeyRole::work, "a");
  write("# for the lab\n" + to_text(key) + "\n");
  EXPECT_EQ(read_key(path), key);
  write("nonsense\n" + to_text(key) + "\n");
  EXPECT_THAT(message_of([&] { read_key(path); }, ErrorKind::usage), HasSubstr("no key in"));
  write(to_text(key), 0644);
  EXPECT_THAT(message_of([&] { read_key(path); }, ErrorKind::file), HasSubstr("chmod 600"));
}

TEST_F(KeyFile, is_watched_by_its_table) {
  const Key a = make_key(KeyRole::work, "a");
  add_host_key(path, a);
  KeyTable table(path);
  std::string trouble;
  EXPECT_FALSE(table.refresh(trouble));
  EXPECT_EQ(table.find("oche1.work.a", false), a);
  EXPECT_EQ(table.find("oche1.talk.a", false), std::nullopt);
  EXPECT_TRUE(table.knows(a));

  ASSERT_TRUE(remove_host_key(path, a.id));
  EXPECT_EQ(table.find("oche1.work.a", false), std::nullopt) << "by the file as it is now";
  EXPECT_TRUE(table.refresh(trouble)) << "and those who watch are told all the same";
  EXPECT_FALSE(table.knows(a));
  EXPECT_FALSE(table.refresh(trouble));

  // The same name with another secret is another key.
  const Key again = make_key(KeyRole::work, "a");
  add_host_key(path, again);
  EXPECT_TRUE(table.refresh(trouble));
  EXPECT_TRUE(table.knows(again));
  EXPECT_FALSE(table.knows(a));
  EXPECT_EQ(trouble, "");
}

TEST_F(KeyFile, that_is_broken_leaves_the_table_as_it_was) {
  const Key a = make_key(KeyRole::work, "a");
  add_host_key(path, a);
  KeyTable table(path);
  write("nonsense, and longer than what was there before: " + to_text(a) + to_text(a) + to_text(a));
  std::string trouble;
  EXPECT_FALSE(table.refresh(trouble));
  EXPECT_THAT(trouble, HasSubstr("line 1 isn't a key"));
  EXPECT_TRUE(table.knows(a));
  trouble.clear();
  EXPECT_FALSE(table.refresh(trouble));
  EXPECT_EQ(trouble, "") << "said once";
}

TEST_F(KeyFile, that_can_be_read_again_is_read_by_its_table) {
  const Key a = make_key(KeyRole::work, "a");
  add_host_key(path, a);
  KeyTable table(path);
  ASSERT_TRUE(remove_host_key(path, a.id));
  ASSERT_EQ(::chmod(path.c_str(), 0644), 0);
  std::string trouble;
  EXPECT_FALSE(table.refresh(trouble));
  EXPECT_THAT(trouble, HasSubstr("chmod 600"));
  EXPECT_FALSE(table.refresh(trouble));
  EXPECT_EQ(trouble, "") << "said once";
  EXPECT_TRUE(table.knows(a));
  ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
  EXPECT_TRUE(table.refresh(trouble)) << "though its content is what it was";
  EXPECT_FALSE(table.knows(a));
}

TEST_F(KeyFile, the_own_key_is_good_from_this_computer_alone) {
  KeyTable table(path);
  const Key own = own_key(path);
  EXPECT_EQ(table.find("oche1.own.own", true), own);
  EXPECT_EQ(table.find("oche1.own.own", false), std::nullopt);
}

TEST_F(KeyFile, is_not_trusted_in_a_folder_that_others_may_change) {
  add_host_key(path, make_key(KeyRole::work, "a"));
  for (const mode_t mode : {0777U, 0720U, 0702U}) {
    ASSERT_EQ(::chmod(folder.c_str(), mode), 0);
    EXPECT_THAT(message_of([&] { read_host_keys(path); }, ErrorKind::file),
                HasSubstr("may put another in its place"));
  }
  // As /tmp is: there only its owner can put something in a file's place.
  ASSERT_EQ(::chmod(folder.c_str(), 01777), 0);
  EXPECT_EQ(read_host_keys(path).size(), 1U);
}

}  // namespace
}  // namespace oche::wire
