#include "formula/row_draws.h"

#include <variant>

namespace oche::formula {

std::shared_ptr<const math::SampleTable> RowDraws::values_of(const InputDefinition& input) {
  const DataColumn& column = *input.data;
  const auto set = sets_.find(column.set);
  const auto* const number = std::get_if<std::size_t>(&column.column);
  if (set == sets_.end() || number == nullptr || *number > set->second.size() ||
      set->second[*number - 1].empty() ||
      set->second[*number - 1].size() > math::StepTable::kMaxOutcomes) {
    throw problem(column, "there are no rows for " + canonical(column) +
                              " (its data set was not given, or has no such column); give it");
  }
  std::shared_ptr<const math::SampleTable>& table = tables_[{column.set, *number}];
  if (!table) {
    table = std::make_shared<const math::SampleTable>(
        math::StepTable::equally_likely(set->second[*number - 1]));
  }
  return table;
}

std::uint32_t RowDraws::dimension_of(const InputDefinition& input, double first,
                                     std::uint32_t count, std::uint32_t& next) {
  auto& draws = input.elements ? arrays_ : single_;
  const auto [place, is_new] =
      draws.try_emplace(input.data->set, Draw{next, first, count, input.name});
  const Draw& draw = place->second;
  if (is_new) {
    next += count;
  } else if (draw.first != first || draw.count != count) {
    throw problem(*input.data,
                  "the arrays " + draw.input + " and " + input.name +
                      " have other indices (from one data set, elements with the same index share "
                      "a row); give both the same indices");
  }
  return draw.dimension;
}

}  // namespace oche::formula
