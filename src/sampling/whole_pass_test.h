// What the tests of this folder share: an expression as typed, its passes computed in one go, and
// the shared files of cases with known answers.
#ifndef OCHE_SAMPLING_WHOLE_PASS_TEST_H_
#define OCHE_SAMPLING_WHOLE_PASS_TEST_H_

#include <memory>
#include <string>
#include <vector>

#include "formula/definitions.h"
#include "formula/lower.h"
#include "integrand/expression.h"
#include "sampling/chunk.h"
#include "sampling/estimate.h"
#include "sampling/stratified.h"

namespace oche::sampling {

inline std::unique_ptr<integrand::Expression> expression_of(
    const std::vector<std::string>& arguments,
    integrand::Wanted wanted = integrand::Wanted::moments) {
  return std::make_unique<integrand::Expression>(
      formula::lower(formula::parse_definition(arguments)), wanted);
}

// The tally of samples [0, samples) of a pass, chunk by chunk.
inline tally::Tally tally_of(const PassContext& pass, std::uint64_t samples) {
  Workspace workspace;
  tally::PairwiseMerger<tally::Tally> merger;
  for (std::uint64_t chunk = 0; chunk * pass.chunk_samples < samples; ++chunk) {
    merger.add(compute_node(pass, {0, chunk}, samples, workspace, {}));
  }
  return merger.result();
}

inline tally::Tally node_tally(const PassContext& pass, tally::Node node,
                               std::uint64_t end_sample = 0) {
  Workspace workspace;
  return compute_node(pass, node, end_sample, workspace, {});
}

// Boxes with many, few and no samples.
inline Plan uneven_plan() {
  Plan plan;
  plan.pass = 3;
  plan.log2_cells = {2, 1};
  plan.allocation = {1300, 3, 5000, 512, 256, 0, 777, 2100};
  return plan;
}

// One pass of plain Monte Carlo.
inline Estimate plain_estimate(const integrand::Expression& f, std::uint64_t samples,
                               std::uint64_t seed) {
  const PassContext pass(f, seed, chunk_samples(f.static_cost()),
                         first_plan(Method::plain, f.dimensions()));
  return estimate({{pass.plan, samples, tally_of(pass, samples)}}, f.program().scale);
}

// The pilot and `passes` passes of the stratified method.
inline Estimate stratified_estimate(const integrand::Expression& f, unsigned passes,
                                    std::uint64_t seed) {
  Plan plan = first_plan(Method::stratified, f.dimensions());
  std::vector<PassResult> results;
  for (;;) {
    const PassContext pass(f, seed, chunk_samples(f.static_cost()), plan);
    results.push_back({plan, plan.samples(), tally_of(pass, plan.samples())});
    if (results.size() > passes) return estimate(results, f.program().scale);
    plan = next_plan(plan, results.back().tally, 0, false).value();
  }
}

}  // namespace oche::sampling

#endif  // OCHE_SAMPLING_WHOLE_PASS_TEST_H_
