// From the end of a run to what its user is told.
#ifndef OCHE_JOB_RESULT_H_
#define OCHE_JOB_RESULT_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "job/dispatcher.h"
#include "job/order.h"
#include "oche/result.h"

namespace oche::job {

// How a run ended: all that its result is made of, so that whoever has it makes the same.
struct Answer {
  std::shared_ptr<const Job> job;
  // The passes, or their prefixes, that make the answer; empty: there is no estimate.
  std::vector<sampling::PassResult> passes;
  StopReason reason = StopReason::interrupted;
  std::vector<CrewMember> crew;
  std::string mismatch;                     // with that reason: the worker that it was seen with
  std::optional<DeadlyChunk> deadly_chunk;  // with that reason
};

// Of a finished dispatcher.
Answer answer_of(const Dispatcher& dispatcher);

// All of the result but `seconds`.
oche::Result make_result(const Answer& answer, const StopRule& rule, const Show& show);

}  // namespace oche::job

#endif  // OCHE_JOB_RESULT_H_
