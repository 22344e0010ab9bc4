#include "host/present_names.h"

#include <charconv>
#include <optional>

#include "wire/limits.h"

namespace oche::host {
namespace {

// Leaves room for every number.
constexpr std::size_t kStemBytes = wire::kMaxNameBytes - 11;  // "-4294967295"

std::string numbered(const std::string& stem, unsigned number) {
  return stem + "-" + std::to_string(number);
}

struct Parts {
  std::string stem;
  unsigned number = 0;
};
// Of a name as numbered() makes them.
std::optional<Parts> parts_of(const std::string& name) {
  const std::size_t dash = name.rfind('-');
  if (dash == std::string::npos) return std::nullopt;
  Parts parts{name.substr(0, dash), 0};
  const char* const end = name.data() + name.size();
  const auto read = std::from_chars(name.data() + dash + 1, end, parts.number);
  if (read.ec != std::errc() || read.ptr != end || parts.number < 2) return std::nullopt;
  if (numbered(parts.stem, parts.number) != name) return std::nullopt;  // "lab-02"
  return parts;
}

}  // namespace

std::string PresentNames::free_name(const std::string& wished) const {
  if (!names_.contains(wished)) return wished;
  const std::string stem = wished.substr(0, kStemBytes);
  const auto numbers = stems_.find(stem);
  unsigned number = numbers == stems_.end() ? 2 : numbers->second.lowest;
  std::string name = numbered(stem, number);
  while (names_.contains(name)) name = numbered(stem, ++number);
  return name;
}

void PresentNames::add(const std::string& name) {
  if (!names_.insert(name).second) return;
  const auto parts = parts_of(name);
  if (!parts) return;
  Stem& numbers = stems_[parts->stem];
  ++numbers.present;
  if (parts->number == numbers.lowest) raise(parts->stem, numbers);
}

void PresentNames::raise(const std::string& stem, Stem& numbers) {
  while (names_.contains(numbered(stem, numbers.lowest))) ++numbers.lowest;
}

void PresentNames::remove(const std::string& name) {
  if (names_.erase(name) == 0) return;
  const auto parts = parts_of(name);
  if (!parts) return;
  const auto place = stems_.find(parts->stem);
  if (--place->second.present == 0) {
    stems_.erase(place);
  } else if (parts->number < place->second.lowest) {
    place->second.lowest = parts->number;
  }
}

}  // namespace oche::host
