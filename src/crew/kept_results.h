// What a worker has computed and its manager has not answered: kept over a lost line, and offered
// in the next session.
//
// Not thread-safe.
#ifndef OCHE_CREW_KEPT_RESULTS_H_
#define OCHE_CREW_KEPT_RESULTS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "wire/message.h"

namespace oche::crew {

wire::Offer offer_of(const wire::Result& result);

class KeptResults {
 public:
  // Of sessions that are over at most so many, and so many bytes; the oldest are dropped.
  KeptResults(std::size_t most, std::size_t most_bytes) : most_(most), most_bytes_(most_bytes) {}

  // It is sent in this session. The reference lasts until the next call.
  const wire::Result& send(wire::Result result);
  // Whatever the answer was.
  void answered(std::uint64_t lease) { unanswered_.erase(lease); }
  // What wasn't answered by then may still be wanted.
  void end_session();
  // A result that came after the end of its session.
  void keep(wire::Result result);

  // Those of that pass. What is kept of earlier passes of the job is of no more use and goes.
  std::vector<wire::Offer> offers(const std::string& fingerprint, std::uint32_t pass);
  // The result of that lease, which becomes one of this session; nothing if it isn't kept.
  std::optional<wire::Result> take(const wire::Lease& lease);

 private:
  const std::size_t most_;
  const std::size_t most_bytes_;
  std::map<std::uint64_t, wire::Result> unanswered_;  // of this session, by lease
  std::deque<wire::Result> kept_;                     // oldest first
  std::size_t kept_bytes_ = 0;
};

}  // namespace oche::crew

#endif  // OCHE_CREW_KEPT_RESULTS_H_
