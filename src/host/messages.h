// Between a host's types and the messages of the service estimate. What comes from a peer is
// checked here, all of it: at the host what a client sends, at a client what a host does.
#ifndef OCHE_HOST_MESSAGES_H_
#define OCHE_HOST_MESSAGES_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "host/job_queue.h"
#include "oche/run.h"
#include "wire/message.h"

namespace oche::host {

wire::Submit to_submit(const job::Job& job, const job::StopRule& rule, int priority,
                       std::size_t data_bytes);

// Nothing where a number is out of its range, or nothing would end the job.
std::optional<job::StopRule> rule_from(const wire::StopRule& message);

wire::Declined to_message(const Declined& declined, JobNumber job);

wire::JobState to_message(JobState state);
wire::Progress to_message(JobNumber number, const Progress& progress, JobState state,
                          std::size_t ahead);

// The bytes of a wire::Answer, which go in parts.
std::string answer_bytes(const EndedJob& ended);
// The same job at the other end, `own` being the job if it is there already: with the fingerprint
// of that. Throws Error (network) where it can't be the answer of any job.
EndedJob answer_from(std::string_view bytes, std::shared_ptr<const job::Job> own);

}  // namespace oche::host

#endif  // OCHE_HOST_MESSAGES_H_
