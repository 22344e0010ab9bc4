// Simulated workers: sessions of the real protocol, with keys, whose computing is a timer.
//
// The job must be one of which every chunk has the same tally (kCrowdJob): it is computed once,
// when the job comes, and merged for every size of lease. So all that is answered is true, and what
// is measured is the host.
#ifndef OCHE_BENCH_CROWD_H_
#define OCHE_BENCH_CROWD_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "job/dispatcher.h"
#include "wire/dial.h"
#include "wire/loop.h"
#include "wire/message.h"

namespace oche::bench {

// Its value is 1 in every sample, which the program doesn't know.
inline const std::vector<std::string> kCrowdJob{"if(x<2,1,0)", "x=0..1"};

// The tally of a node of each level. Throws std::logic_error where chunks differ.
std::vector<tally::Tally> tallies_of(const sampling::PassContext& pass);

struct CrowdOptions {
  wire::Address host;
  std::shared_ptr<const wire::Key> key;  // null: --insecure
  unsigned workers = 1;
  unsigned cores = 1;    // of each
  Duration computing{};  // of a lease; zero: it is answered at once
  // What a worker says that each chunk took: the dispatcher sizes leases by it.
  Duration claim{};
};

// What happened so far.
struct CrowdCounts {
  unsigned open = 0;                     // sessions that there are
  unsigned served = 0;                   // workers that had a result accepted
  unsigned redials = 0;                  // dials that came to nothing, and were tried again
  unsigned lost = 0;                     // sessions that ended without the host's goodbye
  std::string why;                       // the last of those
  std::uint64_t leases = 0, chunks = 0;  // accepted
  std::uint64_t refused = 0;             // results that were not
};

// Loop's thread only.
class Crowd {
 public:
  // on_change is called when open or served changes.
  Crowd(wire::Loop& loop, CrowdOptions options, std::function<void()> on_change);
  ~Crowd();
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  void dial();
  const CrowdCounts& counts() const { return counts_; }
  // Time that cores of all workers have computed up to now.
  Duration busy(Instant now) const;

 private:
  struct Worker;
  void dial_next();
  void dial(Worker& worker);
  void take(Worker& worker, const wire::Message& message);
  void take_plan(const wire::Plan& plan);
  void take_accepted(Worker& worker, const wire::Accepted& accepted);
  void begin(Worker& worker);
  void answer(Worker& worker, const job::Lease& lease);

  wire::Loop& loop_;
  const CrowdOptions options_;
  const std::function<void()> on_change_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::size_t dialled_ = 0;  // of those, at least once
  CrowdCounts counts_;
  Duration busy_{};  // of leases that are computed

  std::shared_ptr<const job::Job> job_;
  std::vector<wire::Message> results_;  // by level, but for the lease and its place
};

}  // namespace oche::bench

#endif  // OCHE_BENCH_CROWD_H_
