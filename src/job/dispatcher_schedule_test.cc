// Random schedules of several workers: whatever happens in whatever order, the digest is that of
// one worker that did everything in order.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "job/whole_run_test.h"

namespace oche::job {
namespace {

using sampling::Method;

struct Held {
  Lease lease;
  bool expired = false;
};

struct Member {
  bool present = true;
  std::map<std::uint32_t, std::shared_ptr<const sampling::PassContext>> passes;
  std::vector<Held> held;
};

class Schedule {
 public:
  Schedule(std::shared_ptr<const Job> job, const StopRule& rule, std::uint64_t seed)
      : dispatcher_(std::move(job), rule, {}), random_(seed) {}

  Outcome run() {
    join();
    for (std::uint64_t step = 0; !dispatcher_.finished(); ++step) {
      if (step > 200000) {
        ADD_FAILURE() << "the run doesn't end";
        dispatcher_.interrupt(now_, actions_);
      }
      step_once();
      take();
      if (::testing::Test::HasFatalFailure()) return {};
    }
    EXPECT_EQ(dispatcher_.leases_out(), 0u);
    check_crew();
    return outcome_of(dispatcher_);
  }

  std::uint64_t expirations = 0, late_accepted = 0, repeats = 0, departures = 0;

 private:
  bool chance(unsigned percent) { return random_() % 100 < percent; }

  void join() {
    const unsigned depth = 1 + static_cast<unsigned>(random_() % 3);
    const WorkerId id = dispatcher_.join("w" + std::to_string(members_.size()), depth,
                                         std::chrono::milliseconds(10), now_, actions_);
    members_[id];
    take();
  }

  std::vector<WorkerId> present() const {
    std::vector<WorkerId> ids;
    for (const auto& [id, m] : members_) {
      if (m.present) ids.push_back(id);
    }
    return ids;
  }

  void step_once() {
    const std::vector<WorkerId> ids = present();
    if (ids.empty() || (ids.size() < 5 && chance(4))) return join();
    const WorkerId id = ids[random_() % ids.size()];
    Member& m = members_.at(id);
    if (chance(3)) {
      ++departures;
      m.present = false;
      m.held.clear();
      return dispatcher_.leave(id, now_, actions_);
    }
    if (chance(5) || m.held.empty()) {
      // At times past every deadline.
      now_ += chance(30) ? Duration(std::chrono::hours(24 * 20))
                         : Duration(std::chrono::milliseconds(100));
      return dispatcher_.tick(now_, actions_);
    }
    const std::size_t which = random_() % m.held.size();
    const Held held = m.held[which];
    m.held.erase(m.held.begin() + static_cast<std::ptrdiff_t>(which));
    // From 10 ns to 10 ms a chunk: leases of all sizes.
    const Duration computing(static_cast<std::int64_t>(held.lease.node.chunks()) *
                             (10LL << random_() % 20));
    const Verdict verdict = dispatcher_.complete(
        id, held.lease.id, held.lease.pass, held.lease.node,
        computed(*m.passes.at(held.lease.pass), held.lease), computing, now_, actions_);
    ASSERT_NE(verdict, Verdict::rejected);
    repeats += verdict == Verdict::repeat;
    late_accepted += held.expired && verdict == Verdict::accepted;
  }

  void take() {
    for (const Action& action : actions_) {
      if (const auto* begin = std::get_if<BeginPass>(&action)) {
        members_.at(begin->worker).passes[begin->pass->plan.pass] = begin->pass;
      } else if (const auto* grant = std::get_if<Grant>(&action)) {
        check_no_other_holds(grant->lease.node, grant->lease.pass);
        members_.at(grant->worker).held.push_back({grant->lease});
      } else if (const auto* withdraw = std::get_if<Withdraw>(&action)) {
        std::erase_if(members_.at(withdraw->worker).held,
                      [&](const Held& h) { return h.lease.id == withdraw->lease; });
      } else if (const auto* expired = std::get_if<Expired>(&action)) {
        ++expirations;
        for (Held& h : members_.at(expired->worker).held) {
          if (h.lease.node == expired->node) h.expired = true;
        }
      }
    }
    actions_.clear();
  }

  void check_no_other_holds(tally::Node node, std::uint32_t pass) {
    for (const auto& [id, m] : members_) {
      for (const Held& h : m.held) {
        const bool overlap = h.lease.pass == pass && h.lease.node.first() < node.end() &&
                             node.first() < h.lease.node.end();
        ASSERT_FALSE(m.present && !h.expired && overlap) << "two hold chunk " << node.first();
      }
    }
  }

  // Each chunk of the answer was accepted at least once, from somebody.
  void check_crew() {
    std::uint64_t accepted = 0;
    for (const CrewMember& m : dispatcher_.crew()) accepted += m.chunks_accepted;
    std::uint64_t needed = 0;
    const std::uint64_t chunk = dispatcher_.job().chunk_samples();
    for (const sampling::PassResult& p : dispatcher_.answer())
      needed += (p.samples + chunk - 1) / chunk;
    EXPECT_GE(accepted, needed);
  }

  Dispatcher dispatcher_;
  std::mt19937_64 random_;
  Instant now_{};
  Actions actions_;
  std::map<WorkerId, Member> members_;
};

std::shared_ptr<const Job> job_of(Method method) {
  // Costly enough that chunks are small: 256 samples.
  return Job::from_arguments({"sum(j=1..160,(x+j)^y)", "x=0..1", "y=0..1"}, method, 3);
}

void expect_the_lone_workers_digest(Method method, const StopRule& rule, std::uint64_t schedules) {
  const auto job = job_of(method);
  ASSERT_EQ(job->chunk_samples(), 256u);
  const Outcome expected = alone(job, rule);
  std::uint64_t expirations = 0, late = 0, repeats = 0, departures = 0;
  for (std::uint64_t seed = 1; seed <= schedules; ++seed) {
    Schedule schedule(job, rule, seed);
    const Outcome outcome = schedule.run();
    ASSERT_EQ(outcome.digest, expected.digest) << seed;
    ASSERT_EQ(outcome.reason, expected.reason) << seed;
    expirations += schedule.expirations;
    late += schedule.late_accepted;
    repeats += schedule.repeats;
    departures += schedule.departures;
  }
  // Else the schedules would be tamer than they are meant to be.
  EXPECT_GT(expirations, schedules);
  EXPECT_GT(late, 0u);
  EXPECT_GT(repeats, 0u);
  EXPECT_GT(departures, schedules);
}

TEST(DispatcherSchedules, end_with_the_same_digest_for_a_number_of_samples) {
  expect_the_lone_workers_digest(Method::plain, samples_rule(50003), 40);
}

TEST(DispatcherSchedules, end_with_the_same_digest_for_a_target) {
  expect_the_lone_workers_digest(Method::plain, rel_error_rule(8e-3), 40);
}

TEST(DispatcherSchedules, end_with_the_same_digest_for_strata) {
  expect_the_lone_workers_digest(Method::stratified, samples_rule(40001), 25);
}

TEST(DispatcherSchedules, end_with_the_same_digest_for_strata_and_a_target) {
  expect_the_lone_workers_digest(Method::stratified, rel_error_rule(1e-3), 5);
}

}  // namespace
}  // namespace oche::job
