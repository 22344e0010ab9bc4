#include "formula/program.h"

#include <algorithm>

namespace oche::formula {
namespace {

struct Row {
  unsigned operands;
  unsigned cost;
};

constexpr Row kRows[] = {
#define OCHE_ROW(name, operands, cost) {operands, cost},
    OCHE_FORMULA_OPERATIONS(OCHE_ROW)
#undef OCHE_ROW
};

}  // namespace

unsigned operand_count(Op op) { return kRows[static_cast<std::size_t>(op)].operands; }
unsigned static_cost(Op op) { return kRows[static_cast<std::size_t>(op)].cost; }

std::uint64_t Program::cost() const {
  std::vector<bool> needed(code.size(), false);
  for (const ValueId output : outputs) needed[output] = true;
  for (std::size_t i = code.size(); i-- > 0;) {
    if (!needed[i]) continue;
    for (unsigned k = 0; k < operand_count(code[i].op); ++k) needed[code[i].operands[k]] = true;
    if (ends_loop(code[i].op)) needed[loops[code[i].dimension].begin] = true;
  }
  std::vector<double> totals = {0.0};  // of the loops around, outermost first
  for (std::size_t i = 0; i < code.size(); ++i) {
    if (!needed[i]) continue;
    if (code[i].op == Op::index) totals.push_back(0.0);
    totals.back() += static_cost(code[i].op);
    if (!ends_loop(code[i].op)) continue;
    const double loop = totals.back() * loops[code[i].dimension].most;
    totals.pop_back();
    totals.back() += loop;
  }
  return static_cast<std::uint64_t>(totals.back());
}

bool Program::is_constant() const {
  return std::ranges::all_of(outputs, [this](ValueId v) { return code[v].op == Op::constant; });
}

}  // namespace oche::formula
