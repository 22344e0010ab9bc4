#include "crew/names.h"

#include "wire/limits.h"

namespace oche::crew {
namespace {

// Leaves room for every suffix, so that all names of one stem share one count.
constexpr std::size_t kStemBytes = wire::kMaxNameBytes - 11;  // "-4294967295"

}  // namespace

std::string Names::give(std::string wished) {
  if (wished.starts_with("thread ")) wished = ("remote " + wished).substr(0, wire::kMaxNameBytes);
  if (given_.insert(wished).second) return wished;
  const std::string stem = wished.substr(0, kStemBytes);
  unsigned& next = next_.try_emplace(stem, 2).first->second;
  std::string name;
  do {
    name = stem;
    name += '-';
    name += std::to_string(next++);
  } while (!given_.insert(name).second);
  return name;
}

}  // namespace oche::crew
