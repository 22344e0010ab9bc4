// The names of the workers that are here: no two have the same.
#ifndef OCHE_HOST_PRESENT_NAMES_H_
#define OCHE_HOST_PRESENT_NAMES_H_

#include <cstddef>
#include <string>
#include <unordered_map>
#include <unordered_set>

namespace oche::host {

// Not thread-safe. What it remembers is bounded by the names that are here.
class PresentNames {
 public:
  // The wished name, or if that is here, "lab-2" for "lab", or the lowest number above. At most
  // wire::kMaxNameBytes if the wished one is. A thousand that wish the same cost a few look-ups
  // each, but for numbers that others wished as names of their own.
  std::string free_name(const std::string& wished) const;
  void add(const std::string& name);
  void remove(const std::string& name);

 private:
  // All numbers of a stem below `lowest` are here.
  struct Stem {
    std::size_t present = 0;
    unsigned lowest = 2;
  };
  void raise(const std::string& stem, Stem& numbers);

  std::unordered_set<std::string> names_;
  std::unordered_map<std::string, Stem> stems_;  // of names with a number
};

}  // namespace oche::host

#endif  // OCHE_HOST_PRESENT_NAMES_H_
