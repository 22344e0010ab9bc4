// The engine against what the same problem reaches when written by hand (limits.h): samples per
// second of one core, both in one run, in turns, with the same stream. The engine's side is what a
// worker's thread does: whole nodes of chunks, from counters to merged tallies.
//
//   engine_bench [REPETITIONS [SAMPLES [PART]]]    a table, of the expressions that have PART in
//   them; exit 1 if the two sides disagree in their answer
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "base/cheap_memory.h"
#include "bench/limits.h"
#include "bench/measure.h"
#include "job/job.h"
#include "math/simd.h"
#include "sampling/chunk.h"
#include "sampling/stratified.h"

namespace oche::bench {
namespace {

struct Side {
  double mean = 0;
  std::vector<double> seconds;
};

struct Contest {
  std::string expression;
  std::vector<std::string> inputs;
  double (*limit)(const Contest&, std::uint64_t samples);  // returns the mean
  const ExpressionLimit* by_hand = nullptr;
};

double pi_by_hand(const Contest&, std::uint64_t samples) {
  return 4.0 * static_cast<double>(limit_pi_hits(1, 0, samples)) / static_cast<double>(samples);
}

// With the distribution where the engine measures it.
double moments_by_hand(const Contest& contest, std::uint64_t samples) {
  const ExpressionLimit& limit = *contest.by_hand;
  if (limit.run_shape == nullptr) return limit.run(1, 0, samples).mean;
  Shape shape;
  return limit.run_shape(1, 0, samples, shape).mean;
}

std::vector<Contest> contests() {
  std::vector<Contest> list;
  list.push_back({"4*(x^2+y^2<=1)", {"x=0..1", "y=0..1"}, pi_by_hand, nullptr});
  for (const ExpressionLimit& limit : expression_limits()) {
    list.push_back({limit.expression, limit.inputs, moments_by_hand, &limit});
  }
  const ExpressionLimit& limit = propagation_limit();
  list.push_back({limit.expression, limit.inputs, moments_by_hand, &limit});
  return list;
}

// As many as a thread is lent when chunks take a tenth of a millisecond.
constexpr std::uint64_t kChunksOfLease = 256;

double engine(const job::Job& job, std::uint64_t samples, sampling::Workspace& workspace) {
  const sampling::PassContext pass(job.integrand(), job.seed(), job.chunk_samples(),
                                   sampling::first_plan(job.method(), job.dimensions()));
  tally::PairwiseMerger<tally::Tally> merger;
  const std::uint64_t chunks = samples / job.chunk_samples();
  for (std::uint64_t at = 0; at < chunks;) {
    const tally::Node node = tally::largest_node(at, std::min(chunks, at + kChunksOfLease));
    merger.add_node(node.level, sampling::compute_node(pass, node, 0, workspace, {}));
    at = node.end();
  }
  return std::move(merger).result().total().mean;
}

template <class F>
void take_time(Side& side, F&& f) {
  const double begin = thread_seconds();
  side.mean = f();
  side.seconds.push_back(thread_seconds() - begin);
}

double median(std::vector<double> v) {
  std::sort(v.begin(), v.end());
  return v[v.size() / 2];
}

// Prints one line; whether the two sides agree.
bool compete(const Contest& contest, int repetitions, std::uint64_t samples) {
  std::vector<std::string> definition = contest.inputs;
  definition.insert(definition.begin(), contest.expression);
  const auto job = job::Job::from_arguments(definition, sampling::Method::plain, 1);
  sampling::Workspace workspace;
  Side ours;
  Side hand;
  engine(*job, samples, workspace);
  contest.limit(contest, samples);
  std::vector<double> ratios;
  for (int i = 0; i < repetitions; ++i) {
    take_time(ours, [&] { return engine(*job, samples, workspace); });
    take_time(hand, [&] { return contest.limit(contest, samples); });
    ratios.push_back(hand.seconds.back() / ours.seconds.back());
  }
  const double n = static_cast<double>(samples);
  const auto [low, high] = std::minmax_element(ratios.begin(), ratios.end());
  // Both sum the same values in another order.
  const bool agree = std::fabs(ours.mean - hand.mean) <= 1e-9 * std::fabs(hand.mean);
  std::printf("%-34s %9.3g %9.3g   %5.2f  (%.2f to %.2f)%s\n", contest.expression.c_str(),
              n / median(ours.seconds), n / median(hand.seconds), median(ratios), *low, *high,
              agree ? "" : "  DISAGREE");
  return agree;
}

}  // namespace
}  // namespace oche::bench

int main(int argc, char** argv) {
  oche::make_memory_cheap();  // as the program does
  const int repetitions = argc > 1 ? std::max(1, std::atoi(argv[1])) : 15;
  const std::uint64_t samples =
      argc > 2 ? std::strtoull(argv[2], nullptr, 10) : std::uint64_t{1} << 24;
  std::printf("one core, %s; samples/s and the ratio engine/limit, median (least to most)\n",
              oche::math::current_simd_target().c_str());
  std::printf("%-34s %9s %9s   %s\n", "expression", "engine", "limit", "ratio");
  bool agree = true;
  const std::string part = argc > 3 ? argv[3] : "";
  for (const oche::bench::Contest& contest : oche::bench::contests()) {
    if (contest.expression.find(part) == std::string::npos) continue;
    agree = oche::bench::compete(contest, repetitions, samples) && agree;
  }
  return agree ? 0 : 1;
}
