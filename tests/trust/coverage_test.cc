// Coverage: over many seeds, how often does the 95% interval hold the truth?
//
// Each cell below is 400 independent runs (seeds 1 to 400) of a small job. If the true coverage is
// c, the number of hits is binomial; for c = 0.95 its standard deviation is sqrt(0.95 * 0.05 / 400)
// = 0.0109. Seeds are fixed, so nothing flakes; the limits say what a new seed set would have to
// fulfil, too:
//   at least 0.95 - 3 * 0.0109 = 0.917 (with c = 0.95, one set in 740 would fail), and
//   at most  0.95 + 3 * 0.0109 = 0.983: an interval that is far too wide is no honest error either.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "job/dispatcher.h"

namespace oche::job {
namespace {

using sampling::Method;

constexpr int kSeeds = 400;
constexpr double kDeviation = 0.0109;

struct Integrand {
  const char* name;
  std::vector<std::string> arguments;
  double truth;
};

// Truths are closed forms, said beside each.
const std::vector<Integrand>& integrands() {
  static const std::vector<Integrand> all = {
      // e - 1
      {"smooth", {"exp(x)", "x=0..1"}, 1.718281828459045},
      // the square of the distance of a normal point from the origin beyond -2 ln 0.01 = 9.2103...:
      // 0.01
      {"indicator, p = 0.01",
       {"x^2+y^2>9.210340371976182", "x~normal(0,1)", "y~normal(0,1)"},
       0.01},
      // pi/4 * 4
      {"disk", {"4*(x^2+y^2<=1)", "x=0..1", "y=0..1"}, 3.141592653589793},
      // a Gaussian peak of width 0.07 in two dimensions: pi/100 erf(5)^2, erf(5) = 1 - 1.5e-12
      {"peaked", {"exp(-100*((x-0.5)^2+(y-0.5)^2))", "x=0..1", "y=0..1"}, 0.031415926535801},
      // x^(-0.3): moments up to the third are finite; 1/0.7
      {"heavy-ish", {"x^-0.3", "x=0..1"}, 1.4285714285714286},
  };
  return all;
}

sampling::Estimate run(const Integrand& integrand, Method method, std::uint64_t seed,
                       const StopRule& rule) {
  const auto job = Job::from_arguments(integrand.arguments, method, seed);
  Dispatcher dispatcher(job, rule, {});
  sampling::Workspace workspace;
  Actions actions;
  const WorkerId me = dispatcher.join("me", 1, std::chrono::milliseconds(10), Instant{}, actions);
  std::shared_ptr<const sampling::PassContext> pass;
  while (!dispatcher.finished()) {
    Actions taken;
    taken.swap(actions);
    for (const Action& action : taken) {
      if (const auto* begin = std::get_if<BeginPass>(&action)) pass = begin->pass;
      const auto* grant = std::get_if<Grant>(&action);
      if (grant == nullptr) continue;
      const Lease& lease = grant->lease;
      dispatcher.complete(
          me, lease.id, lease.pass, lease.node,
          sampling::compute_node(*pass, lease.node, lease.end_sample, workspace, {}),
          std::chrono::milliseconds(1), Instant{}, actions);
    }
  }
  return sampling::estimate(dispatcher.answer(), job->scale());
}

// The share of runs whose interval holds the truth.
double coverage(const Integrand& integrand, Method method, const StopRule& rule) {
  int held = 0;
  int flagged = 0;
  double samples = 0;
  for (int seed = 1; seed <= kSeeds; ++seed) {
    const sampling::Estimate e = run(integrand, method, static_cast<std::uint64_t>(seed), rule);
    const Interval i = interval(e, 0.95);
    const bool holds = i.low <= integrand.truth && integrand.truth <= i.high;
    const bool few_hits = e.effective_hits < kLeastEffectiveHits;
    held += holds;
    flagged += few_hits;
    samples += static_cast<double>(e.samples);
  }
  std::printf("%s: coverage %.4f, %d of %d runs with few hits, %.0f samples on average\n",
              integrand.name, static_cast<double>(held) / kSeeds, flagged, kSeeds,
              samples / kSeeds);
  return static_cast<double>(held) / kSeeds;
}

void expect_covers(const Integrand& integrand, Method method, const StopRule& rule) {
  const double share = coverage(integrand, method, rule);
  EXPECT_GE(share, 0.95 - 3 * kDeviation) << integrand.name;
  EXPECT_LE(share, 0.95 + 3 * kDeviation) << integrand.name;
}

TEST(Coverage, of_plain_with_a_number_of_samples) {
  StopRule rule;
  rule.samples = 20000;
  for (const Integrand& integrand : integrands()) expect_covers(integrand, Method::plain, rule);
}

// The least samples that a target may stop on are eight chunks; the targets are such that a few
// more stop points are looked at.
TEST(Coverage, of_plain_with_a_target) {
  const double targets[] = {1.6e-3, 0.04, 2.0e-3, 0.014, 1.5e-3};
  for (std::size_t i = 0; i < integrands().size(); ++i) {
    StopRule rule;
    rule.rel_error = targets[i];
    expect_covers(integrands()[i], Method::plain, rule);
  }
}

TEST(Coverage, of_stratified_with_a_number_of_samples) {
  StopRule rule;
  rule.samples = 60000;
  for (const Integrand& integrand : integrands())
    expect_covers(integrand, Method::stratified, rule);
}

// Until the target or the end of the second pass after the pilot.
TEST(Coverage, of_stratified_with_a_target) {
  const double targets[] = {1e-5, 0.02, 1e-3, 2e-3, 5e-4};
  for (std::size_t i = 0; i < integrands().size(); ++i) {
    StopRule rule;
    rule.rel_error = targets[i];
    rule.samples = 16384 + 131072 + 262144;
    expect_covers(integrands()[i], Method::stratified, rule);
  }
}

// Peaks that the pilot sees in one run and misses in the next.
TEST(Coverage, of_what_the_pilot_may_miss) {
  const Integrand narrow[] = {
      // The integral of a Gaussian far from where the map of the whole line is dense: sqrt(pi).
      {"far peak", {"exp(-(x-100)^2)", "x=-inf..inf"}, 1.7724538509055160},
      // pi / 30000
      {"narrow peak",
       {"exp(-3e4*((x-0.333)^2+(y-0.6661)^2))", "x=0..1", "y=0..1"},
       1.0471975511965978e-4},
  };
  for (const Integrand& integrand : narrow) {
    for (const double target : {0.1, 0.01}) {
      StopRule rule;
      rule.rel_error = target;
      rule.samples = 3'000'000;
      expect_covers(integrand, Method::stratified, rule);
    }
    StopRule rule;
    rule.samples = 200'000;
    expect_covers(integrand, Method::stratified, rule);
  }
}

}  // namespace
}  // namespace oche::job
