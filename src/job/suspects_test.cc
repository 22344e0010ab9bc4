#include "job/suspects.h"

#include <gtest/gtest.h>

#include <limits>

namespace oche::job {
namespace {

constexpr std::uint64_t kAll = std::numeric_limits<std::uint64_t>::max();
const tally::Node kNode{7, 2};  // chunks 256 to 384

TEST(Suspects, are_those_that_share_a_chunk_with_what_was_lost) {
  Suspects suspects;
  EXPECT_TRUE(suspects.empty());
  suspects.blame(kNode, ProcessId{1}, "a");
  EXPECT_EQ(suspects.count(kNode), 1u);
  EXPECT_EQ(suspects.count({0, 256}), 1u) << "below";
  EXPECT_EQ(suspects.count({0, 383}), 1u);
  EXPECT_EQ(suspects.count({8, 1}), 1u) << "above";
  EXPECT_EQ(suspects.count({40, 0}), 1u);
  EXPECT_EQ(suspects.count({0, 255}), 0u);
  EXPECT_EQ(suspects.count({0, 384}), 0u);
  EXPECT_EQ(suspects.count({7, 3}), 0u);
}

TEST(Suspects, count_each_process_once_and_unknown_ones_never) {
  Suspects suspects;
  suspects.blame(kNode, ProcessId{1}, "a");
  suspects.blame({6, 4}, ProcessId{1}, "a");
  EXPECT_EQ(suspects.count(kNode), 1u);
  suspects.blame({6, 4}, ProcessId{2}, "b");
  EXPECT_EQ(suspects.count(kNode), 2u);
  EXPECT_EQ(suspects.count({6, 5}), 1u) << "b had the other half";
  suspects.blame(kNode, ProcessId{}, "c");
  EXPECT_EQ(suspects.count(kNode), 2u);
}

TEST(Suspects, are_deadly_when_three_were_lost_that_had_nothing_else) {
  Suspects suspects;
  for (const std::uint64_t process : {1U, 2U, 3U, 4U}) {
    suspects.blame({0, 256}, ProcessId{process}, "among others");
  }
  EXPECT_FALSE(suspects.deadly(256));
  suspects.blame_alone(256, ProcessId{5}, "b");
  suspects.blame_alone(256, ProcessId{6}, "a");
  suspects.blame_alone(256, ProcessId{6}, "a");
  suspects.blame_alone(256, ProcessId{}, "c");
  EXPECT_FALSE(suspects.deadly(256));
  suspects.blame_alone(256, ProcessId{7}, "d");
  EXPECT_TRUE(suspects.deadly(256));
  EXPECT_FALSE(suspects.deadly(257));
  EXPECT_EQ(suspects.workers(256), (std::vector<std::string>{"a", "b", "d"}));
  suspects.acquit(ProcessId{6});
  EXPECT_FALSE(suspects.deadly(256));
}

TEST(Suspects, are_lent_in_ever_smaller_parts) {
  Suspects suspects;
  EXPECT_EQ(suspects.most_chunks(kNode), kAll);
  suspects.blame(kNode, ProcessId{1}, "a");
  EXPECT_EQ(suspects.most_chunks(kNode), 4u) << "a thirty-second";
  EXPECT_EQ(suspects.most_chunks({3, 33}), 4u) << "of all that was lost";
  EXPECT_EQ(suspects.most_chunks({7, 3}), kAll);
  EXPECT_EQ(suspects.most_chunks({10, 0}), 512u) << "so that the rest comes apart from it";
  EXPECT_FALSE(suspects.lent_alone(kNode));
  suspects.blame({2, 64}, ProcessId{2}, "b");
  EXPECT_EQ(suspects.most_chunks({2, 64}), 1u);
  suspects.blame({7, 2}, ProcessId{3}, "c");
  EXPECT_EQ(suspects.most_chunks(kNode), 1u) << "not a thirty-second";
  EXPECT_TRUE(suspects.lent_alone({0, 257}));
  EXPECT_FALSE(suspects.lent_alone({7, 3}));
}

TEST(Suspects, are_fewer_when_a_process_comes_back_or_chunks_are_done) {
  Suspects suspects;
  suspects.blame(kNode, ProcessId{1}, "a");
  suspects.blame({0, 256}, ProcessId{2}, "b");
  suspects.acquit(ProcessId{1});
  EXPECT_EQ(suspects.count({0, 300}), 0u);
  EXPECT_EQ(suspects.count({0, 256}), 1u);
  Ledger ledger;
  suspects.forget_done(ledger);
  EXPECT_FALSE(suspects.empty());
  ledger.add({0, 256}, tally::Tally{});
  suspects.forget_done(ledger);
  EXPECT_TRUE(suspects.empty());
}

}  // namespace
}  // namespace oche::job
