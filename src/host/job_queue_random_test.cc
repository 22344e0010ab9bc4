// The queue under random events: jobs that come and are cancelled, workers that come, go, stall and
// refuse. No job is lost, no worker is with two, and every answer has the bits of a run alone. The
// scene checks each action.
#include <gtest/gtest.h>

#include <random>

#include "host/job_queue_scene_test.h"

namespace oche::host {
namespace {

struct Wanted {
  std::shared_ptr<const job::Job> job;
  job::StopRule rule;
  bool cancelled = false;
  bool refused = false;  // by somebody
};

class Chaos {
 public:
  explicit Chaos(std::uint64_t seed) : random_(seed) {}

  void run() {
    for (int step = 0; step < 400; ++step) event();
    // Then all is well: whoever comes now works to the end.
    for (const auto& [id, worker] : std::map(scene_.workers)) scene_.leave(id);
    scene_.join("last", 4);
    while (scene_.queue.open_jobs() > 0) {
      scene_.run();
      scene_.now += seconds(60);
      scene_.tick();
    }
    check_end();
  }

  std::size_t done = 0, cancelled = 0, failed = 0, late = 0, wanted_again = 0;

 private:
  std::uint64_t below(std::uint64_t n) {
    return std::uniform_int_distribution<std::uint64_t>(0, n - 1)(random_);
  }
  std::optional<MemberId> somebody() {
    if (scene_.workers.empty()) return std::nullopt;
    auto place = scene_.workers.begin();
    std::advance(place, below(scene_.workers.size()));
    return place->first;
  }

  void event() {
    scene_.now += milliseconds(below(400));
    switch (below(20)) {
      case 0:
        return submit();
      case 1:
        if (scene_.workers.size() < 8) {
          scene_.join("w" + std::to_string(below(1000)), 1 + static_cast<unsigned>(below(8)));
        }
        return;
      case 2:
        if (const auto id = somebody(); id && below(2) == 0) scene_.leave(*id);
        return;
      case 3:
        return cancel();
      case 4:
        return refuse();
      case 5:
        if (const auto id = somebody(); id && below(4) == 0) {
          scene_.drain(scene_.queue.members().at(*id).name);
        }
        return;
      case 6:
        if (below(3) == 0) scene_.now += seconds(12);  // every lease runs out
        return scene_.tick();
      case 7:
        return deliver_late();
      case 8:
        return offer();
      default:
        return compute();
    }
  }

  void submit() {
    if (scene_.queue.open_jobs() > 5) return;
    const auto method = below(4) == 0 ? sampling::Method::stratified : sampling::Method::plain;
    job::StopRule rule;
    if (below(3) == 0) {
      rule.rel_error = 0.01 / static_cast<double>(1 + below(3));
    } else {
      rule.samples = 20480 + 4096 * below(120);
    }
    const auto job = quarter_disk(1 + below(3), method);
    const JobNumber number = scene_.submit(job, rule, static_cast<int>(below(3)) - 1);
    EXPECT_TRUE(wanted_.emplace(number, Wanted{job, rule}).second) << "a number again";
  }

  void cancel() {
    if (wanted_.empty() || below(3) != 0) return;
    auto place = wanted_.begin();
    std::advance(place, below(wanted_.size()));
    if (!scene_.cancel(place->first)) place->second.cancelled = true;
  }

  void refuse() {
    const auto id = somebody();
    if (!id || below(6) != 0 || !scene_.job_of(*id)) return;
    wanted_.at(*scene_.job_of(*id)).refused = true;
    scene_.refuse(*id);
  }

  void compute() {
    const auto id = somebody();
    if (!id || !scene_.has_leases(*id)) return;
    auto lease = scene_.workers.at(*id).leases.begin();  // in any order
    std::advance(lease, below(scene_.workers.at(*id).leases.size()));
    EXPECT_NE(scene_.complete(*id, lease->first), job::Verdict::rejected);
  }

  // A result of what was withdrawn meanwhile.
  void deliver_late() {
    if (scene_.withdrawn.empty()) return;
    const Scene::Withdrawn one = scene_.withdrawn[below(scene_.withdrawn.size())];
    if (!scene_.workers.contains(one.member)) return;
    EXPECT_EQ(scene_.deliver(one.member, one.lease, *one.pass), job::Verdict::repeat);
    ++late;
  }

  // What was lent to somebody before, whoever has it now. What is wanted is delivered as any lease.
  void offer() {
    const auto id = somebody();
    if (!id || scene_.withdrawn.empty() || !scene_.workers.at(*id).job) return;
    const job::Lease lease = scene_.withdrawn[below(scene_.withdrawn.size())].lease;
    const std::size_t before = scene_.workers.at(*id).leases.size();
    scene_.offer(*id, scene_.workers.at(*id).job->fingerprint(), lease.pass, lease.node);
    wanted_again += scene_.workers.at(*id).leases.size() - before;
  }

  void check_end() {
    EXPECT_EQ(scene_.ended.size(), wanted_.size()) << "each job ends once";
    for (const auto& [number, wanted] : wanted_) {
      const JobQueue::Entry* const entry = scene_.queue.find(number);
      ASSERT_NE(entry, nullptr);
      switch (entry->state) {
        case JobState::done:
          EXPECT_EQ(scene_.digest_of(number), job::alone(wanted.job, wanted.rule).digest);
          EXPECT_EQ(entry->ended->answer.reason, job::alone(wanted.job, wanted.rule).reason);
          ++done;
          break;
        case JobState::cancelled:
          EXPECT_TRUE(wanted.cancelled);
          ++cancelled;
          break;
        case JobState::failed:
          EXPECT_TRUE(wanted.refused);
          ++failed;
          break;
        default:
          ADD_FAILURE() << "job " << static_cast<std::uint64_t>(number) << " isn't over";
      }
    }
  }

  Scene scene_;
  std::mt19937_64 random_;
  std::map<JobNumber, Wanted> wanted_;
};

TEST(JobQueue, loses_no_job_and_changes_no_bit_whatever_happens) {
  std::size_t done = 0, cancelled = 0, failed = 0, late = 0, wanted_again = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Chaos chaos(seed);
    chaos.run();
    if (testing::Test::HasFatalFailure()) return;
    done += chaos.done;
    cancelled += chaos.cancelled;
    failed += chaos.failed;
    late += chaos.late;
    wanted_again += chaos.wanted_again;
  }
  // Chaos that meets no trouble proves nothing.
  EXPECT_GT(done, 300u);
  EXPECT_GT(cancelled, 20u);
  EXPECT_GT(failed, 3u);
  EXPECT_GT(late, 3u);
  EXPECT_GT(wanted_again, 20u);
}

}  // namespace
}  // namespace oche::host
