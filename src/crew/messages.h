// Between the engine's types and the messages of the wire. What comes from a peer is checked here
// for its form; whether it makes sense is for dispatcher and sampling to say.
#ifndef OCHE_CREW_MESSAGES_H_
#define OCHE_CREW_MESSAGES_H_

#include <cstdint>
#include <optional>
#include <string>

#include "base/sha256.h"
#include "job/dispatcher.h"
#include "wire/message.h"
#include "wire/session.h"

namespace oche::crew {

wire::Job to_message(const job::Job& job);
wire::Plan to_message(const job::Job& job, const sampling::Plan& plan);
wire::Lease to_message(const job::Job& job, const job::Lease& lease);
wire::Result to_result(const job::Job& job, const job::Lease& lease, const tally::Tally& tally,
                       Duration computing);

// What the end of a worker's session says of the worker.
job::Departure departure_of(wire::CloseReason reason);

// What the manager answers to a result; a rejected one with the reason.
wire::Accepted answer_to(const wire::Result& result, job::Verdict verdict);

std::string to_bytes(const Hash256& hash);
// Nothing where it hasn't the length of one.
std::optional<Hash256> hash_from(const std::string& bytes);

// Nothing where a level, index or number is out of every range.
std::optional<job::Lease> lease_from(const wire::Lease& message);
std::optional<tally::Node> node_from(std::uint32_t level, std::uint64_t index);
// Whether a result is of that job, and its tally well formed.
bool is_result_of(const wire::Result& message, const job::Job& job);
// Whether a tally is small enough, and its lists fit together, to be converted and looked at.
bool is_well_formed(const wire::Tally& message);
tally::Tally tally_from(const wire::Tally& message);
void put_tally(const tally::Tally& tally, wire::Tally& out);
Duration computing_from(const wire::Result& message);

}  // namespace oche::crew

#endif  // OCHE_CREW_MESSAGES_H_
