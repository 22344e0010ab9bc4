// The cluster in a box, 200 times. sim_test --seed N (or OCHE_SIM_SEED=N) replays one seed and
// prints its trace; sim_test --seeds M N tries that range and names those that fail.
#include "sim/simulator.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>

#include "sim/planted.h"

namespace oche::sim {
namespace {

constexpr std::uint64_t kSeeds = 200;

TEST(Simulator, holds_every_invariant_on_200_seeds) {
  Counters met;
  std::map<job::StopReason, int> reasons;
  std::map<Transport, int> transports;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Outcome outcome = simulate(seed);
    ASSERT_FALSE(outcome.violation) << outcome.report(seed);
    met.add(outcome.counters);
    ++reasons[outcome.reason];
    ++transports[outcome.transport];
  }
  // A simulator that meets no trouble proves nothing.
  EXPECT_GT(met.accepted_late, 0u);
  EXPECT_GT(met.repeats, 0u);
  EXPECT_GT(met.doubled, 0u);
  EXPECT_GT(met.stale, 0u);
  EXPECT_GT(met.absent, 0u);
  EXPECT_GT(met.expired, 0u);
  EXPECT_GT(met.hurried, 0u);
  EXPECT_GT(met.withdrawn, 0u);
  EXPECT_GT(met.wanted, 0u);
  EXPECT_GT(met.offered, met.wanted);
  EXPECT_GT(met.sessions_lost, 0u);
  EXPECT_GT(met.sessions_cut, 0u);
  EXPECT_GT(met.passes, kSeeds);
  for (const job::StopReason reason :
       {job::StopReason::target, job::StopReason::samples, job::StopReason::time,
        job::StopReason::interrupted, job::StopReason::non_finite}) {
    EXPECT_GT(reasons[reason], 0) << job::to_string(reason);
  }
  EXPECT_GT(transports[Transport::streams], 0);
  EXPECT_GT(transports[Transport::datagrams], 0);
  RecordProperty("met", met.text());
}

// Who computes a certain chunk crashes and comes back, beside all other faults: the run ends, with
// the bits of what comes before that chunk.
TEST(Simulator, ends_where_a_chunk_ends_its_workers) {
  Hooks hooks;
  hooks.deadly_chunk = 21;
  std::uint64_t ended_by_it = 0;
  Counters met;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Outcome outcome = simulate(seed, hooks);
    ASSERT_FALSE(outcome.violation) << outcome.report(seed);
    ended_by_it += outcome.reason == job::StopReason::deadly_chunk;
    met.add(outcome.counters);
  }
  EXPECT_GT(ended_by_it, kSeeds / 5);
  RecordProperty("met", met.text());
}

TEST(Simulator, runs_alike_from_the_same_seed) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    EXPECT_EQ(simulate(seed).trace_hash, simulate(seed).trace_hash) << "seed " << seed;
  }
  EXPECT_NE(simulate(1).trace_hash, simulate(2).trace_hash);
}

class PlantedBug : public testing::TestWithParam<Planted> {};

TEST_P(PlantedBug, is_found_within_200_seeds) {
  std::uint64_t seed = 1;
  Outcome outcome;
  for (; seed <= kSeeds; ++seed) {
    outcome = simulate(seed, GetParam().hooks());
    if (outcome.violation) break;
  }
  ASSERT_TRUE(outcome.violation) << "no seed found it";
  EXPECT_NE(outcome.violation->find(GetParam().found_as), std::string::npos)
      << outcome.report(seed);
  // It is the bug that was found: without it, the seed is in order.
  EXPECT_FALSE(simulate(seed).violation);
}

INSTANTIATE_TEST_SUITE_P(Kinds, PlantedBug, testing::ValuesIn(planted_bugs()),
                         [](const auto& test) { return std::string(test.param.name); });

// An assertion of the code under test aborts: say for which seed.
void on_abort(int) {
  std::fprintf(stderr, "replay: sim_test --seed %llu\n",
               static_cast<unsigned long long>(current_seed()));
  std::signal(SIGABRT, SIG_DFL);
}

int replay(const char* text) {
  const std::uint64_t seed = std::strtoull(text, nullptr, 10);
  const Outcome outcome = simulate(seed, {}, 1'000'000);
  std::printf("%strace hash %016llx, %.3f s simulated; %s\n", outcome.report(seed).c_str(),
              static_cast<unsigned long long>(outcome.trace_hash), seconds(outcome.simulated),
              outcome.counters.text().c_str());
  return outcome.violation ? 1 : 0;
}

int explore(const char* from, const char* to) {
  int failed = 0;
  Counters met;
  const std::uint64_t end = std::strtoull(to, nullptr, 10);
  for (std::uint64_t seed = std::strtoull(from, nullptr, 10); seed <= end; ++seed) {
    const Outcome outcome = simulate(seed);
    met.add(outcome.counters);
    if (!outcome.violation) continue;
    ++failed;
    std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed),
                outcome.violation->c_str());
    std::fflush(stdout);
  }
  std::printf("%d failed; met: %s\n", failed, met.text().c_str());
  return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace oche::sim

int main(int argc, char** argv) {
  std::signal(SIGABRT, oche::sim::on_abort);
  for (int i = 1; i + 1 < argc; ++i) {
    if (std::strcmp(argv[i], "--seed") == 0) return oche::sim::replay(argv[i + 1]);
  }
  if (argc == 4 && std::strcmp(argv[1], "--seeds") == 0)
    return oche::sim::explore(argv[2], argv[3]);
  if (const char* seed = std::getenv("OCHE_SIM_SEED")) return oche::sim::replay(seed);
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
