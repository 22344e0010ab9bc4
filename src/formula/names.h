// The check of names: what an input may be called, and which names an expression may use.
#ifndef OCHE_FORMULA_NAMES_H_
#define OCHE_FORMULA_NAMES_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "formula/definitions.h"
#include "formula/formula_error.h"

namespace oche::formula {

// Problems found, of which only the first few are worth their words.
class Problems {
 public:
  bool empty() const { return shown_.empty(); }
  bool has_room() const { return shown_.size() < kMaxShown; }
  void add(FormulaError problem);
  void add_unshown() { ++more_; }
  [[noreturn]] void raise() const;  // must not be empty

 private:
  static constexpr std::size_t kMaxShown = 10;
  std::vector<FormulaError> shown_;
  std::size_t more_ = 0;
};

// Where the name of an input or of a let stands.
struct NamePlace {
  std::shared_ptr<const std::string> source;
  std::size_t offset = 0;
};

struct NamePlaces {
  std::vector<NamePlace> inputs;  // one for each of Definition::inputs
  std::vector<NamePlace> lets;    // one for each of Definition::lets
  std::vector<std::size_t>
      lets_before;  // for each of Definition::outputs: how many lets precede it
};

// Whether inputs may be missing from the list because their text could not be parsed.
enum class InputList { complete, incomplete };

// Adds what is wrong with the names of `definition`. A tree without nodes is one that could not be
// parsed, and is left out.
void check_names(const Definition& definition, const NamePlaces& places, InputList list,
                 Problems& problems);

}  // namespace oche::formula

#endif  // OCHE_FORMULA_NAMES_H_
