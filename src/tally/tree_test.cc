#include "tally/tree.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace oche::tally {
namespace {

// A thing whose merge records its bracketing.
struct Text {
  std::string text;
};
Text merge(Text left, const Text& right) { return {"(" + left.text + " " + right.text + ")"}; }

// The rule of the header, word by word, over leaves [first, first + n).
std::string prefix_rule(std::uint64_t first, std::uint64_t n) {
  if (n == 1) return std::to_string(first);
  std::uint64_t p = 1;
  while (p * 2 < n) p *= 2;  // the largest power of two below n
  std::string result("(");
  result.append(prefix_rule(first, p)).append(" ");
  return result.append(prefix_rule(first + p, n - p)).append(")");
}

TEST(PairwiseMerger, follows_the_prefix_rule) {
  PairwiseMerger<Text> merger;
  for (std::uint64_t n = 1; n <= 200; ++n) {
    merger.add({std::to_string(n - 1)});
    ASSERT_EQ(merger.result().text, prefix_rule(0, n)) << n;
  }
}

TEST(PairwiseMerger, has_an_empty_thing_of_nothing) {
  EXPECT_EQ(PairwiseMerger<Text>().result().text, "");
}

// Any division of [0, n) into nodes, here the greedy one with a largest level, gives the same.
TEST(PairwiseMerger, takes_whole_nodes) {
  for (std::uint64_t n = 1; n <= 200; ++n) {
    for (std::uint64_t largest = 1; largest <= 64; largest *= 4) {
      PairwiseMerger<Text> merger;
      for (std::uint64_t at = 0; at < n;) {
        const Node node = largest_node(at, std::min(n, at + largest));
        merger.add_node(node.level, {prefix_rule(node.first(), node.chunks())});
        at = node.end();
      }
      ASSERT_EQ(merger.result().text, prefix_rule(0, n)) << n << " by " << largest;
    }
  }
}

TEST(Node, covers_its_chunks_and_no_others) {
  const Node node{3, 5};
  EXPECT_EQ(node.first(), 40u);
  EXPECT_EQ(node.end(), 48u);
  EXPECT_EQ(node.chunks(), 8u);
  EXPECT_EQ(node.parent(), (Node{4, 2}));
  EXPECT_FALSE(node.is_left());
  EXPECT_EQ(node.left(), (Node{2, 10}));
  EXPECT_EQ(node.right(), (Node{2, 11}));
  EXPECT_EQ(node.left().first(), node.first());
  EXPECT_EQ(node.left().end(), node.right().first());
  EXPECT_EQ(node.right().end(), node.end());
  EXPECT_EQ(node.left().parent(), node);
  EXPECT_TRUE(node.left().is_left());
}

// By definition: of the nodes that begin at `first`, the largest with an end not beyond `end`.
TEST(LargestNode, is_the_largest_that_fits) {
  for (std::uint64_t first = 0; first < 70; ++first) {
    for (std::uint64_t end = first + 1; end < 140; ++end) {
      Node expected{0, first};
      for (std::uint32_t level = 1; level < 8; ++level) {
        if (first % (1u << level) == 0 && first + (1u << level) <= end)
          expected = {level, first >> level};
      }
      ASSERT_EQ(largest_node(first, end), expected) << first << " to " << end;
    }
  }
  EXPECT_EQ(largest_node(0, std::uint64_t{1} << 40), (Node{40, 0}));
}

}  // namespace
}  // namespace oche::tally
