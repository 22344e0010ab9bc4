#include "crew/messages.h"

#include <algorithm>

#include "math/numerics.h"

namespace oche::crew {

std::string to_bytes(const Hash256& hash) { return std::string(hash.begin(), hash.end()); }

wire::Job to_message(const job::Job& job) {
  wire::Job message;
  message.set_canonical(job.canonical());
  message.set_fingerprint(to_bytes(job.fingerprint()));
  return message;
}

wire::Plan to_message(const job::Job& job, const sampling::Plan& plan) {
  wire::Plan message;
  message.set_fingerprint(to_bytes(job.fingerprint()));
  message.set_pass(plan.pass);
  message.set_plan(plan.bytes());
  message.set_hash(to_bytes(plan.hash()));
  return message;
}

wire::Lease to_message(const job::Job& job, const job::Lease& lease) {
  wire::Lease message;
  message.set_lease(static_cast<std::uint64_t>(lease.id));
  message.set_fingerprint(to_bytes(job.fingerprint()));
  message.set_pass(lease.pass);
  message.set_level(lease.node.level);
  message.set_index(lease.node.index);
  message.set_pass_samples(lease.end_sample);
  message.set_numerics(kNumerics);
  return message;
}

wire::Result to_result(const job::Job& job, const job::Lease& lease, const tally::Tally& tally,
                       Duration computing) {
  wire::Result message;
  message.set_lease(static_cast<std::uint64_t>(lease.id));
  message.set_fingerprint(to_bytes(job.fingerprint()));
  message.set_pass(lease.pass);
  message.set_level(lease.node.level);
  message.set_index(lease.node.index);
  message.set_compute_nanoseconds(static_cast<std::uint64_t>(computing.count()));
  for (const tally::StratumMoments& s : tally.strata) {
    wire::Stratum* out = message.mutable_tally()->add_strata();
    out->set_stratum(s.stratum);
    out->set_count(s.moments.count);
    out->set_mean(s.moments.mean);
    out->set_second_central_moment(s.moments.m2);
    out->set_minimum(s.moments.minimum);
    out->set_maximum(s.moments.maximum);
    out->set_non_finite(s.moments.non_finite);
    out->set_first_non_finite_sample(s.moments.first_non_finite);
  }
  return message;
}

wire::Accepted answer_to(const wire::Result& result, job::Verdict verdict) {
  wire::Accepted answer;
  answer.set_lease(result.lease());
  switch (verdict) {
    case job::Verdict::accepted:
      answer.set_verdict(wire::Accepted::ACCEPTED);
      break;
    case job::Verdict::repeat:
      answer.set_verdict(wire::Accepted::REPEAT);
      break;
    case job::Verdict::rejected:
      answer.set_verdict(wire::Accepted::REJECTED);
      answer.set_text(
          "the result is not of a lease of this worker, is impossible, or has other bits than "
          "another worker's for the same chunks");
      break;
  }
  return answer;
}

std::optional<tally::Node> node_from(std::uint32_t level, std::uint64_t index) {
  if (level > tally::kMaxLevel || index >= (std::uint64_t{1} << (62 - level))) return std::nullopt;
  return tally::Node{level, index};
}

std::optional<job::Lease> lease_from(const wire::Lease& message) {
  const auto node = node_from(message.level(), message.index());
  if (!node || message.pass_samples() > sampling::kMaxSamples) return std::nullopt;
  return job::Lease{job::LeaseId{message.lease()}, message.pass(), *node, message.pass_samples()};
}

bool is_result_of(const wire::Result& message, const job::Job& job) {
  constexpr int kMostStrata = 1 << sampling::kMaxLog2Strata;
  return message.fingerprint() == to_bytes(job.fingerprint()) &&
         message.tally().strata_size() <= kMostStrata;
}

tally::Tally tally_from(const wire::Tally& message) {
  tally::Tally tally;
  for (const wire::Stratum& s : message.strata()) {
    tally::Moments m;
    m.count = s.count();
    m.mean = s.mean();
    m.m2 = s.second_central_moment();
    m.minimum = s.minimum();
    m.maximum = s.maximum();
    m.non_finite = s.non_finite();
    m.first_non_finite = s.first_non_finite_sample();
    tally.strata.push_back({s.stratum(), m});
  }
  return tally;
}

Duration computing_from(const wire::Result& message) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 60;  // 36 years
  return Duration(static_cast<std::int64_t>(std::min(message.compute_nanoseconds(), kMost)));
}

}  // namespace oche::crew
