// The canonical binary tree over chunk indices: the one place that says in which order tallies
// merge.
//
// Node (level, index) covers chunks [index 2^level, (index + 1) 2^level) and is always
// merge(left child, right child). The tally of the first n chunks, a prefix, is
//   node(log2 n, 0)                                   if n is a power of two,
//   merge(node over [0, p), prefix of [p, n))         else, p the largest power of two below n,
// and the same rule inside. So a tally depends on which chunks it covers, and on nothing else.
#ifndef OCHE_TALLY_TREE_H_
#define OCHE_TALLY_TREE_H_

#include <bit>
#include <compare>
#include <cstdint>
#include <utility>
#include <vector>

namespace oche::tally {

struct Node {
  std::uint32_t level = 0;
  std::uint64_t index = 0;

  std::uint64_t first() const { return index << level; }
  std::uint64_t end() const { return (index + 1) << level; }
  std::uint64_t chunks() const { return std::uint64_t{1} << level; }
  Node parent() const { return {level + 1, index >> 1}; }
  Node left() const { return {level - 1, index << 1}; }
  Node right() const { return {level - 1, (index << 1) | 1}; }
  bool is_left() const { return (index & 1) == 0; }
  auto operator<=>(const Node&) const = default;
};

// No node of a run is above this level: 2^40 chunks are over 10^12 blocks of work.
inline constexpr std::uint32_t kMaxLevel = 40;

// The largest node that begins at chunk `first` and ends at or before `end` (first < end).
inline Node largest_node(std::uint64_t first, std::uint64_t end) {
  std::uint32_t level = static_cast<std::uint32_t>(std::bit_width(end - first)) - 1;
  if (first != 0) level = std::min(level, static_cast<std::uint32_t>(std::countr_zero(first)));
  return {level, first >> level};
}

// Merges things that arrive one by one, in order, by the rule above; holds O(log n) of them.
// T must have a function merge(T, const T&) found by argument-dependent lookup.
template <class T>
class PairwiseMerger {
 public:
  void add(T item) { add_node(0, std::move(item)); }

  // Appends a node of 2^level leaves; what came before must be a multiple of 2^level leaves.
  void add_node(std::uint32_t level, T item) {
    while (!stack_.empty() && stack_.back().first == level) {
      item = merge(std::move(stack_.back().second), item);
      stack_.pop_back();
      ++level;
    }
    stack_.emplace_back(level, std::move(item));
  }

  // The prefix over all that was added; T{} when nothing was.
  T result() const& { return PairwiseMerger(*this).take(); }
  T result() && { return take(); }

 private:
  T take() {
    if (stack_.empty()) return T{};
    T tail = std::move(stack_.back().second);
    for (std::size_t i = stack_.size() - 1; i-- > 0;) {
      tail = merge(std::move(stack_[i].second), tail);
    }
    return tail;
  }

  std::vector<std::pair<std::uint32_t, T>> stack_;  // levels strictly descending
};

}  // namespace oche::tally

#endif  // OCHE_TALLY_TREE_H_
