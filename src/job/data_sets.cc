#include "job/data_sets.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <map>
#include <variant>

#include "base/assert.h"
#include "base/bytes.h"
#include "base/sha256.h"

namespace oche::job {
namespace {

using formula::InputDefinition;
using formula::shown;

std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t kMostListed = 8;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kMostListed); ++i) {
    text += (i > 0 ? ", " : "") + shown(names[i]);
  }
  return names.size() > kMostListed ? text + ", ..." : text;
}

bool same_bits(const DataSet& a, const DataSet& b) {
  const auto same_values = [](const std::vector<double>& x, const std::vector<double>& y) {
    return std::ranges::equal(x, y, [](double p, double q) {
      return std::bit_cast<std::uint64_t>(p) == std::bit_cast<std::uint64_t>(q);
    });
  };
  return std::ranges::equal(a.values, b.values, same_values);
}

// Of a given set, the columns that inputs use.
struct Use {
  const DataSet* set = nullptr;
  std::vector<std::size_t> columns;  // in the order of their first use
};

class Binding {
 public:
  explicit Binding(const std::vector<DataSet>& given) {
    for (const DataSet& set : given) {
      const auto same =
          std::ranges::find_if(uses_, [&](const Use& use) { return same_bits(*use.set, set); });
      by_name_.emplace(set.name, static_cast<std::size_t>(same - uses_.begin()));
      by_name_set_.emplace(set.name, &set);
      if (same == uses_.end()) uses_.push_back({&set, {}});
    }
  }

  std::vector<UsedDataSet> run(formula::Definition& definition) {
    std::vector<Place> places;
    for (InputDefinition& input : definition.inputs) {
      if (input.data) places.push_back(place_of(input));
    }
    std::map<std::size_t, std::string> hashes;  // by index into uses_
    std::vector<UsedDataSet> used;
    for (const Place& place : places) {
      std::string& hash = hashes[place.use];
      if (hash.empty()) hash = use(uses_[place.use], used);
      place.input->data->set = hash;
      place.input->data->column = place.column + 1;
    }
    return used;
  }

 private:
  struct Place {
    InputDefinition* input;
    std::size_t use;     // index into uses_
    std::size_t column;  // index into its columns
  };

  Place place_of(InputDefinition& input) {
    const auto name = by_name_.find(input.data->set);
    if (name == by_name_.end()) {
      throw formula::problem(*input.data, "the rows of data(" + shown(input.data->set) +
                                              ") are not there (no data set of that name was "
                                              "given with the job); give it, or read its file");
    }
    const DataSet& set = *by_name_set_.at(input.data->set);
    const auto fail = [&](const std::string& message) {
      throw formula::problem(*input.data, "the data set " + shown(set.name) + " " + message);
    };
    if (!set.columns.empty() && set.columns.size() != set.values.size()) {
      fail("has " + std::to_string(set.columns.size()) + " names for " +
           std::to_string(set.values.size()) + " columns (each has one); give as many");
    }
    const std::size_t column = column_of({set.values.size(), set.columns}, input, fail);
    Use& use = uses_[name->second];
    const auto known = std::ranges::find(use.columns, column);
    const Place place{&input, name->second, static_cast<std::size_t>(known - use.columns.begin())};
    if (known == use.columns.end()) {
      check(set, column, use, fail);
      use.columns.push_back(column);
    }
    return place;
  }

  void check(const DataSet& set, std::size_t column, const Use& use,
             const std::function<void(const std::string&)>& fail) {
    const std::vector<double>& values = set.values[column];
    const std::string which = "column " + std::to_string(column + 1);
    if (values.empty()) fail("has no rows in " + which + " (one is drawn); give some");
    if (!use.columns.empty() && set.values[use.columns.front()].size() != values.size()) {
      fail("has " + std::to_string(values.size()) + " rows in " + which + " and " +
           std::to_string(set.values[use.columns.front()].size()) +
           " in another (rows are drawn whole); give as many");
    }
    const auto wrong = std::ranges::find_if(values, [](double v) { return !std::isfinite(v); });
    if (wrong != values.end()) {
      fail("has a value that is not finite in row " + std::to_string(wrong - values.begin() + 1) +
           " of " + which + " (only numbers can be drawn); leave that row out");
    }
    numbers_ += values.size();
    if (numbers_ > kMaxDataNumbers) {
      fail("makes it more than " + std::to_string(kMaxDataNumbers) +
           " numbers in the columns that are used (the limit of a job); use fewer rows or columns");
    }
  }

  // The hash of the set's columns, which are added to `used` if none of the same values is there.
  static std::string use(const Use& use, std::vector<UsedDataSet>& used) {
    UsedDataSet result;
    for (const std::size_t column : use.columns) result.values.push_back(use.set->values[column]);
    result.hash = to_hex(sha256(bytes_of(result.values)));
    const std::string hash = result.hash;
    if (std::ranges::find(used, hash, &UsedDataSet::hash) == used.end()) {
      used.push_back(std::move(result));
    }
    return hash;
  }

  std::vector<Use> uses_;  // one for all sets of the same values
  std::map<std::string, std::size_t> by_name_;
  std::map<std::string, const DataSet*> by_name_set_;
  std::size_t numbers_ = 0;
};

}  // namespace

std::vector<UsedDataSet> bind_data_sets(formula::Definition& definition,
                                        const std::vector<DataSet>& given) {
  return Binding(given).run(definition);
}

std::size_t column_of(const ColumnNames& columns, const InputDefinition& input,
                      const std::function<void(const std::string&)>& fail) {
  const auto& column = input.data->column;
  const std::string has =
      std::to_string(columns.count) + (columns.count == 1 ? " column" : " columns");
  if (const auto* const number = std::get_if<std::size_t>(&column)) {
    if (*number > columns.count) {
      fail("has no column " + std::to_string(*number) + " (it has " + has +
           "); give a smaller number");
    }
    return *number - 1;
  }
  const auto* const given = std::get_if<std::string>(&column);
  if (given == nullptr && columns.count == 1) return 0;
  const std::string& name = given != nullptr ? *given : input.name;
  if (columns.names.empty()) {
    fail("has " + has + " without names, of which " + shown(name) +
         " could be any (there is no header line); name one by its number, from 1: data(FILE, " +
         "1)");
  }
  const auto found = std::ranges::find(columns.names, name);
  if (found == columns.names.end()) {
    fail("has no column " + shown(name) + " (its columns are " + listed(columns.names) +
         "); name one of them: data(FILE, COLUMN)");
  }
  if (std::find(found + 1, columns.names.end(), name) != columns.names.end()) {
    fail("has two columns " + shown(name) +
         " (a name must tell which is meant); name one by its number, from 1: data(FILE, 1)");
  }
  return static_cast<std::size_t>(found - columns.names.begin());
}

std::string bytes_of(const std::vector<std::vector<double>>& values) {
  OCHE_ASSERT(!values.empty());
  ByteWriter bytes;
  bytes.u64(values.size());
  bytes.u64(values.front().size());
  for (const std::vector<double>& column : values) {
    OCHE_ASSERT(column.size() == values.front().size());
    for (const double value : column) bytes.f64(value);
  }
  return std::move(bytes).bytes();
}

std::optional<std::vector<DataSet>> data_sets_from(std::string_view bytes) {
  // Each set and each of its columns is used by an input. A stranger could ask for much work
  // otherwise: sets are compared each with each.
  constexpr std::size_t kMost = formula::Limits{}.max_inputs;
  ByteReader reader(bytes);
  std::vector<DataSet> sets;
  while (reader.ok() && !reader.at_end()) {
    if (sets.size() == kMost) return std::nullopt;
    const std::string_view whole = bytes.substr(bytes.size() - reader.remaining());
    const std::uint64_t columns = reader.u64();
    const std::uint64_t rows = reader.u64();
    const std::size_t most = std::min(kMaxDataNumbers, reader.remaining() / sizeof(double));
    if (!reader.ok() || columns == 0 || rows == 0 || columns > kMost || rows > most / columns) {
      return std::nullopt;
    }
    DataSet set;
    set.values.assign(columns, std::vector<double>(rows));
    for (std::vector<double>& column : set.values) {
      for (double& value : column) {
        value = reader.f64();
        if (!std::isfinite(value)) return std::nullopt;
      }
    }
    set.name = to_hex(sha256(whole.substr(0, whole.size() - reader.remaining())));
    sets.push_back(std::move(set));
  }
  if (!reader.ok()) return std::nullopt;
  return sets;
}

}  // namespace oche::job
