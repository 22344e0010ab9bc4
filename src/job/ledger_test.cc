#include "job/ledger.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <map>
#include <random>
#include <vector>

#include "job/stop_rule.h"

namespace oche::job {
namespace {

// The tally of one chunk: two values that no other chunk has.
tally::Tally chunk_tally(std::uint64_t chunk) {
  const double x = static_cast<double>(chunk);
  const double values[2] = {1.0 / (x + 3), x * 0.7};
  tally::Tally tally;
  tally.strata.push_back({0, tally::moments_of_block(values, 2, 2 * chunk)});
  return tally;
}

tally::Tally node_tally(tally::Node node) {
  tally::PairwiseMerger<tally::Tally> merger;
  for (std::uint64_t chunk = node.first(); chunk < node.end(); ++chunk)
    merger.add(chunk_tally(chunk));
  return merger.result();
}

// What one worker that did chunk after chunk would have.
tally::Tally sequential(std::uint64_t chunks) {
  tally::PairwiseMerger<tally::Tally> merger;
  for (std::uint64_t chunk = 0; chunk < chunks; ++chunk) merger.add(chunk_tally(chunk));
  return merger.result();
}

// A division of [0, n) into nodes of random sizes that straddle no stop point.
std::vector<tally::Node> random_nodes(std::uint64_t n, std::mt19937_64& random) {
  std::vector<tally::Node> nodes;
  for (std::uint64_t at = 0; at < n;) {
    const std::uint64_t end =
        std::min({n, next_stop_point(at), at + (std::uint64_t{1} << random() % 6)});
    nodes.push_back(tally::largest_node(at, end));
    at = nodes.back().end();
  }
  return nodes;
}

TEST(Ledger, has_the_sequential_prefix_for_any_order_and_division) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 300; ++round) {
    const std::uint64_t n = 1 + random() % 150;
    std::vector<tally::Node> nodes = random_nodes(n, random);
    // Some twice.
    for (std::size_t i = nodes.size(); i-- > 0;) {
      if (random() % 4 == 0) nodes.push_back(nodes[i]);
    }
    std::shuffle(nodes.begin(), nodes.end(), random);
    Ledger ledger;
    std::map<std::uint64_t, bool> done;
    std::uint64_t decided = 0;
    for (const tally::Node node : nodes) {
      std::uint64_t fresh = 0;
      for (std::uint64_t c = node.first(); c < node.end(); ++c)
        fresh += done.emplace(c, true).second;
      const Ledger::Outcome outcome = ledger.add(node, node_tally(node));
      ASSERT_EQ(outcome.new_chunks, fresh);
      ASSERT_EQ(outcome.added, fresh > 0 ? Ledger::Added::accepted : Ledger::Added::repeat);
      ASSERT_TRUE(ledger.covers(node));
      std::uint64_t prefix = 0;
      while (done.contains(prefix)) ++prefix;
      ASSERT_EQ(ledger.prefix_chunks(), prefix);
      // Each stop point, as soon as it is reached, one after the other.
      while (next_stop_point(decided) <= prefix) {
        decided = next_stop_point(decided);
        ASSERT_TRUE(tally::identical(ledger.prefix(decided), sequential(decided)));
        ledger.decide(decided);
      }
    }
    ASSERT_EQ(ledger.prefix_chunks(), n);
    EXPECT_TRUE(tally::identical(ledger.prefix(n), sequential(n)));
  }
}

// All stop points stay available until they are decided, however much is there.
TEST(Ledger, never_merges_across_an_undecided_stop_point) {
  Ledger ledger;
  for (std::uint64_t chunk = 0; chunk < 200; ++chunk) ledger.add({0, chunk}, chunk_tally(chunk));
  for (std::uint64_t stop = 1; stop <= 200; stop = next_stop_point(stop)) {
    EXPECT_TRUE(tally::identical(ledger.prefix(stop), sequential(stop))) << stop;
  }
  ledger.decide(7);
  for (std::uint64_t stop = 8; stop <= 200; stop = next_stop_point(stop)) {
    EXPECT_TRUE(tally::identical(ledger.prefix(stop), sequential(stop))) << stop;
  }
}

TEST(Ledger, holds_few_nodes) {
  // In order, each stop point decided when it is reached: one node for each bit of n, at most.
  Ledger ordered;
  std::uint64_t decided = 0;
  for (std::uint64_t chunk = 0; chunk < 5000; ++chunk) {
    ordered.add({0, chunk}, chunk_tally(chunk));
    while (next_stop_point(decided) <= ordered.prefix_chunks()) {
      decided = next_stop_point(decided);
      ordered.decide(decided);
    }
    // Between two stop points there is a spacing's worth of nodes beside those of the decided
    // prefix.
    ASSERT_LE(ordered.nodes_held(), 2u * static_cast<unsigned>(std::bit_width(chunk + 1))) << chunk;
  }
  // With its first chunk missing: 8 spans between stop points for each doubling, one node each, but
  // for the last, unfinished, one.
  Ledger waiting;
  for (std::uint64_t chunk = 1; chunk < 5000; ++chunk) {
    waiting.add({0, chunk}, chunk_tally(chunk));
    ASSERT_LE(waiting.nodes_held(), 9u * static_cast<unsigned>(std::bit_width(chunk + 1))) << chunk;
  }
}

TEST(Ledger, lets_a_node_take_the_place_of_its_parts) {
  Ledger ledger;
  ledger.decide(200);
  ledger.add({0, 9}, chunk_tally(9));
  ledger.add({1, 6}, node_tally({1, 6}));
  const Ledger::Outcome outcome = ledger.add({3, 1}, node_tally({3, 1}));  // 8 to 15
  EXPECT_EQ(outcome.added, Ledger::Added::accepted);
  EXPECT_EQ(outcome.new_chunks, 5u);
  EXPECT_EQ(ledger.nodes_held(), 1u);
  // A part that comes after the whole is nothing new.
  EXPECT_EQ(ledger.add({0, 9}, chunk_tally(9)).added, Ledger::Added::repeat);
  EXPECT_EQ(ledger.add({0, 10}, chunk_tally(10)).new_chunks, 0u);
  ledger.add({3, 0}, node_tally({3, 0}));
  EXPECT_TRUE(tally::identical(ledger.prefix(16), sequential(16)));
}

TEST(Ledger, finds_two_tallies_of_one_node_that_differ) {
  Ledger ledger;
  ledger.add({1, 8}, node_tally({1, 8}));
  tally::Tally wrong = node_tally({1, 8});
  wrong.strata[0].moments.m2 = std::nextafter(wrong.strata[0].moments.m2, 1e9);
  EXPECT_EQ(ledger.add({1, 8}, wrong).added, Ledger::Added::conflict);
  EXPECT_EQ(ledger.add({1, 8}, wrong).new_chunks, 0u);
  EXPECT_EQ(ledger.add({1, 8}, node_tally({1, 8})).added, Ledger::Added::repeat);
}

// Chunks 0 and 1 wait for stop point 1 to be decided; the node of both can be compared all the
// same.
TEST(Ledger, compares_a_node_whose_parts_are_all_there) {
  Ledger ledger;
  ledger.add({0, 0}, chunk_tally(0));
  ledger.add({0, 1}, chunk_tally(1));
  ASSERT_EQ(ledger.nodes_held(), 2u);
  EXPECT_EQ(ledger.add({1, 0}, node_tally({1, 0})).added, Ledger::Added::repeat);
  tally::Tally wrong = node_tally({1, 0});
  wrong.strata[0].moments.mean += 1;
  EXPECT_EQ(ledger.add({1, 0}, wrong).added, Ledger::Added::conflict);
  EXPECT_TRUE(tally::identical(ledger.prefix(1), sequential(1)));
  EXPECT_TRUE(tally::identical(ledger.prefix(2), sequential(2)));
}

TEST(Ledger, knows_what_it_covers_and_misses) {
  Ledger ledger;
  ledger.add({1, 1}, node_tally({1, 1}));  // 2, 3
  EXPECT_TRUE(ledger.covers({0, 2}));
  EXPECT_TRUE(ledger.covers({1, 1}));
  EXPECT_FALSE(ledger.covers({2, 0}));
  EXPECT_FALSE(ledger.covers({0, 4}));
  EXPECT_TRUE(ledger.misses({1, 0}));
  EXPECT_TRUE(ledger.misses({0, 4}));
  EXPECT_FALSE(ledger.misses({2, 0}));
  EXPECT_FALSE(ledger.misses({0, 3}));
  EXPECT_EQ(ledger.prefix_chunks(), 0u);
}

}  // namespace
}  // namespace oche::job
