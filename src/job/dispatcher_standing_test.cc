// Runs that go on from where others stood: the same answer to the last bit, and nothing that was
// kept computed again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "job/whole_run_test.h"
#include "oche/error.h"

namespace oche::job {
namespace {

using ::testing::HasSubstr;

std::shared_ptr<const Job> plain_job() {
  return Job::from_arguments({"1/x", "x=1..2"}, sampling::Method::plain, 1);
}
std::shared_ptr<const Job> stratified_job() {
  return Job::from_arguments({"1/x", "x=1..2"}, sampling::Method::stratified, 1);
}
std::shared_ptr<const Job> distribution_job() {
  return Job::from_arguments({"x*y; x+y", "x~normal(1,0.1)", "y~uniform(0,1)"},
                             sampling::Method::plain, 3);
}

// What a file would hold.
struct Kept {
  Standing standing;
  std::map<std::uint64_t, Ledger::Entry> nodes;
  std::uint32_t pass = 0;
  std::vector<Delivery> deliveries;

  void take(Changes changes) {
    for (sampling::PassResult& pass_result : changes.whole_passes) {
      if (pass_result.plan.pass >= standing.whole_passes.size()) {
        standing.whole_passes.push_back(std::move(pass_result));
      }
    }
    if (changes.pass != pass) nodes.clear();
    pass = changes.pass;
    standing.decided = changes.decided;
    for (auto& [first, entry] : changes.nodes) {
      nodes.erase(first);
      if (entry) nodes.emplace(first, *std::move(entry));
    }
    for (Delivery& one : changes.deliveries) deliveries.push_back(std::move(one));
  }
  Standing now() const {
    Standing all = standing;
    // The last pass may be whole already.
    if (all.whole_passes.size() > pass) return all;
    for (const auto& [first, entry] : nodes) all.nodes.push_back(entry);
    return all;
  }
  std::uint64_t chunks() const {
    std::uint64_t n = 0;
    for (const auto& [first, entry] : nodes) n += entry.node.chunks();
    return n;
  }
};

DispatcherOptions kept_options() {
  DispatcherOptions options;
  options.keep_nodes = true;
  return options;
}

// A crew of some workers that answer in random order, until the end or until so many results.
// Returns the chunks that were computed.
std::uint64_t run_some(Dispatcher& dispatcher, Kept& kept, std::uint64_t most_results,
                       std::mt19937_64& random) {
  Instant now{};
  Actions actions;
  std::map<WorkerId, std::shared_ptr<const sampling::PassContext>> passes;
  std::vector<Grant> granted;
  std::uint64_t chunks = 0;
  const auto deliver = [&] {
    for (const Action& action : std::exchange(actions, {})) {
      if (const auto* begin = std::get_if<BeginPass>(&action)) passes[begin->worker] = begin->pass;
      if (const auto* grant = std::get_if<Grant>(&action)) granted.push_back(*grant);
      if (const auto* taken = std::get_if<Withdraw>(&action)) {
        std::erase_if(granted, [&](const Grant& g) { return g.lease.id == taken->lease; });
      }
    }
  };
  for (int i = 0; i < 3; ++i) {
    dispatcher.join("w" + std::to_string(i), 2, std::chrono::milliseconds(1), now, actions);
  }
  deliver();
  for (std::uint64_t n = 0; n < most_results && !dispatcher.finished() && !granted.empty(); ++n) {
    const std::size_t which = random() % granted.size();
    const Grant grant = granted[which];
    granted.erase(granted.begin() + static_cast<std::ptrdiff_t>(which));
    now += std::chrono::microseconds(100);
    const Verdict verdict =
        dispatcher.complete(grant.worker, grant.lease.id, grant.lease.pass, grant.lease.node,
                            computed(*passes.at(grant.worker), grant.lease),
                            std::chrono::microseconds(random() % 500), now, actions);
    EXPECT_NE(verdict, Verdict::rejected);
    chunks += grant.lease.node.chunks();
    deliver();
    if (random() % 4 == 0) kept.take(dispatcher.take_changes());
  }
  kept.take(dispatcher.take_changes());
  return chunks;
}

struct Case {
  const char* name;
  std::shared_ptr<const Job> (*job)();
  StopRule rule;
};

class Resumed : public ::testing::TestWithParam<Case> {};

TEST_P(Resumed, has_the_digest_of_an_undisturbed_run_and_computes_nothing_twice) {
  const Case& one = GetParam();
  const auto job = one.job();
  const Outcome whole = alone(job, one.rule);
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    std::mt19937_64 random(seed);
    Kept kept;
    std::string digest_of_it;
    std::uint64_t computed_chunks = 0;
    int starts = 0;
    for (bool over = false; !over && starts < 1000; ++starts) {
      Dispatcher dispatcher(job, one.rule, kept_options(), kept.now());
      computed_chunks += run_some(dispatcher, kept, random() % 40, random);
      over = dispatcher.finished();
      if (over) digest_of_it = digest(*job, dispatcher.answer());
    }
    EXPECT_EQ(digest_of_it, whole.digest) << "seed " << seed << ", " << starts << " starts";
    std::uint64_t delivered = 0;
    for (const Delivery& delivery : kept.deliveries) delivered += delivery.node.chunks();
    EXPECT_EQ(delivered, computed_chunks) << "seed " << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Jobs, Resumed,
    ::testing::Values(Case{"samples", plain_job, samples_rule(3'000'017)},
                      Case{"target", plain_job, rel_error_rule(1e-4)},
                      Case{"stratified", stratified_job, samples_rule(1'000'003)},
                      Case{"stratified_target", stratified_job, rel_error_rule(1e-6)},
                      Case{"distribution", distribution_job, samples_rule(500'009)}),
    [](const auto& test) { return test.param.name; });

TEST(Resumed, finished_run_is_finished_at_once) {
  const auto job = plain_job();
  std::mt19937_64 random(1);
  Kept kept;
  Dispatcher first(job, samples_rule(1'000'000), kept_options());
  run_some(first, kept, 1'000'000, random);
  ASSERT_TRUE(first.finished());
  const Dispatcher again(job, samples_rule(1'000'000), kept_options(), kept.now());
  ASSERT_TRUE(again.finished());
  EXPECT_EQ(digest(*job, again.answer()), digest(*job, first.answer()));
}

// ---- More of the same ----

TEST(Extended, run_has_the_digest_of_the_longer_run_and_repeats_one_cut_chunk) {
  const auto job = plain_job();
  const std::uint64_t chunk = job->chunk_samples();
  for (const std::uint64_t few : {chunk * 10, chunk * 10 + 1, chunk * 78 - 1, chunk * 64 - 1}) {
    const std::uint64_t many = 4 * few + 321;
    std::mt19937_64 random(few);
    Kept kept;
    Dispatcher first(job, samples_rule(few), kept_options());
    run_some(first, kept, 1'000'000, random);
    ASSERT_TRUE(first.finished());
    // The cut chunk is alone, and goes.
    const std::uint64_t whole = few / chunk;
    if (few % chunk != 0) {
      ASSERT_EQ(kept.nodes.at(whole).node.level, 0u);
      kept.nodes.erase(whole);
    }
    EXPECT_EQ(kept.chunks(), whole);
    Dispatcher second(job, samples_rule(many), kept_options(), kept.now());
    const std::uint64_t computed_chunks = run_some(second, kept, 1'000'000, random);
    ASSERT_TRUE(second.finished());
    EXPECT_EQ(digest(*job, second.answer()), alone(job, samples_rule(many)).digest) << few;
    EXPECT_EQ(computed_chunks, (many + chunk - 1) / chunk - whole) << few;
  }
}

TEST(Extended, run_meets_a_target_where_one_at_once_would_have) {
  const auto job = plain_job();
  std::mt19937_64 random(5);
  Kept kept;
  Dispatcher first(job, rel_error_rule(1e-3), kept_options());
  run_some(first, kept, 1'000'000, random);
  ASSERT_TRUE(first.finished());
  Dispatcher second(job, rel_error_rule(1e-4), kept_options(), kept.now());
  run_some(second, kept, 1'000'000, random);
  ASSERT_TRUE(second.finished());
  EXPECT_EQ(digest(*job, second.answer()), alone(job, rel_error_rule(1e-4)).digest);
}

// ---- Shards ----

TEST(Shards, in_any_order_make_the_whole_run) {
  for (const auto& job : {plain_job(), distribution_job()}) {
    const std::uint64_t samples = job->chunk_samples() * 101 + 7;
    const std::uint64_t chunks = 102;
    std::mt19937_64 random(2);
    Standing all;
    for (std::uint64_t i = 0; i < 37; ++i) {
      DispatcherOptions options = kept_options();
      options.range = ChunkRange{chunks * i / 37, chunks * (i + 1) / 37};
      Dispatcher shard(job, samples_rule(samples), options);
      Kept kept;
      // Each is interrupted once.
      run_some(shard, kept, 1, random);
      Dispatcher again(job, samples_rule(samples), options, kept.now());
      run_some(again, kept, 1'000'000, random);
      ASSERT_TRUE(again.finished());
      EXPECT_EQ(kept.chunks(), options.range->end - options.range->first);
      for (const auto& [first, entry] : kept.nodes) all.nodes.push_back(entry);
    }
    std::ranges::shuffle(all.nodes, random);
    all.decided = chunks - 1;  // nobody wants to stop before the end
    const Dispatcher merged(job, samples_rule(samples), kept_options(), all);
    ASSERT_TRUE(merged.finished());
    EXPECT_EQ(digest(*job, merged.answer()), alone(job, samples_rule(samples)).digest);
  }
}

// ---- What can't be ----

std::string refusal(const std::shared_ptr<const Job>& job, const StopRule& rule,
                    Standing standing) {
  try {
    const Dispatcher dispatcher(job, rule, kept_options(), std::move(standing));
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::file);
    return error.what();
  }
  return "";
}

Standing stood(const std::shared_ptr<const Job>& job, const StopRule& rule) {
  std::mt19937_64 random(3);
  Kept kept;
  Dispatcher dispatcher(job, rule, kept_options());
  run_some(dispatcher, kept, 20, random);
  return kept.now();
}

TEST(Standing, with_chunks_twice_is_refused) {
  Standing standing = stood(plain_job(), samples_rule(3'000'000));
  standing.nodes.push_back(standing.nodes.front());
  EXPECT_THAT(refusal(plain_job(), samples_rule(3'000'000), standing), HasSubstr("or twice"));
}

TEST(Standing, beyond_the_end_is_refused) {
  Standing standing;
  standing.nodes = {{tally::Node{0, 1000}, {}}};
  EXPECT_THAT(refusal(plain_job(), samples_rule(20'000), standing), HasSubstr("none of it"));
}

TEST(Standing, with_a_node_across_a_stop_point_is_refused) {
  Standing standing = stood(plain_job(), samples_rule(3'000'000));
  ASSERT_GT(standing.decided, 0u);
  standing.decided = 0;
  EXPECT_THAT(refusal(plain_job(), samples_rule(3'000'000), standing), HasSubstr("stop inside"));
  standing.decided = 1'000'000;
  EXPECT_THAT(refusal(plain_job(), samples_rule(3'000'000), standing), HasSubstr("beyond its end"));
}

TEST(Standing, with_a_tally_of_other_samples_is_refused) {
  Standing standing = stood(plain_job(), samples_rule(3'000'000));
  standing.nodes.front().tally.strata.front().moments.count -= 1;
  EXPECT_THAT(refusal(plain_job(), samples_rule(3'000'000), standing), HasSubstr("can't be true"));
}

TEST(Standing, of_another_method_is_refused) {
  Kept kept;
  std::mt19937_64 random(3);
  Dispatcher dispatcher(stratified_job(), samples_rule(1'000'000), kept_options());
  run_some(dispatcher, kept, 1'000'000, random);
  EXPECT_THAT(refusal(plain_job(), samples_rule(1'000'000), kept.now()), HasSubstr("one pass"));
  Standing wrong = kept.now();
  std::swap(wrong.whole_passes.front(), wrong.whole_passes.back());
  EXPECT_THAT(refusal(stratified_job(), samples_rule(1'000'000), wrong),
              HasSubstr("isn't one of such a job"));
}

}  // namespace
}  // namespace oche::job
