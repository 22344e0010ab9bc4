#include "crew/messages.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "math/numerics.h"

namespace oche::crew {

std::string to_bytes(const Hash256& hash) { return std::string(hash.begin(), hash.end()); }

std::optional<Hash256> hash_from(const std::string& bytes) {
  Hash256 hash{};
  if (bytes.size() != hash.size()) return std::nullopt;
  std::ranges::copy(bytes, hash.begin());
  return hash;
}

wire::Job to_message(const job::Job& job) {
  wire::Job message;
  message.set_canonical(job.canonical());
  message.set_data(job.data());
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

namespace {

void put_moments(std::uint32_t stratum, const tally::Moments& m, wire::Stratum& out) {
  out.set_stratum(stratum);
  out.set_count(m.count);
  out.set_mean(m.mean);
  out.set_second_central_moment(m.m2);
  out.set_minimum(m.minimum);
  out.set_maximum(m.maximum);
  out.set_non_finite(m.non_finite);
  out.set_first_non_finite_sample(m.first_non_finite);
}

tally::Moments moments_from(const wire::Stratum& s) {
  tally::Moments m;
  m.count = s.count();
  m.mean = s.mean();
  m.m2 = s.second_central_moment();
  m.minimum = s.minimum();
  m.maximum = s.maximum();
  m.non_finite = s.non_finite();
  m.first_non_finite = s.first_non_finite_sample();
  return m;
}

// One NaN: another sign or payload would be taken for a conflict.
double one_nan(double v) { return std::isnan(v) ? std::numeric_limits<double>::quiet_NaN() : v; }

tally::Shape shape_from(const wire::Shape& message) {
  tally::Shape shape;
  shape.higher = {one_nan(message.third_central_moment()),
                  one_nan(message.fourth_central_moment())};
  std::uint32_t index = 0;
  for (int i = 0; i < message.bin_step_size(); ++i) {
    index += message.bin_step(i);  // a wrap shows as an index that doesn't ascend
    shape.bins.push_back({index, message.bin_count(i)});
  }
  return shape;
}

}  // namespace

void put_tally(const tally::Tally& tally, wire::Tally& out) {
  for (const tally::StratumMoments& s : tally.strata) {
    put_moments(s.stratum, s.moments, *out.add_strata());
  }
  for (const tally::Moments& m : tally.others) put_moments(0, m, *out.add_others());
  for (const tally::CoMoment& c : tally.co_moments) {
    wire::CoMoment* const pair = out.add_co_moments();
    pair->set_a(c.a);
    pair->set_b(c.b);
    pair->set_value(c.value);
  }
  for (const tally::Shape& s : tally.shapes) {
    wire::Shape* const shape = out.add_shapes();
    shape->set_third_central_moment(s.higher.m3);
    shape->set_fourth_central_moment(s.higher.m4);
    std::uint32_t last = 0;
    for (const tally::Bin& bin : s.bins) {
      shape->add_bin_step(bin.index - last);
      shape->add_bin_count(bin.count);
      last = bin.index;
    }
  }
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
  put_tally(tally, *message.mutable_tally());
  return message;
}

job::Departure departure_of(wire::CloseReason reason) {
  switch (reason) {
    case wire::CloseReason::peer_gone:
    case wire::CloseReason::connection_error:
    case wire::CloseReason::lost:
    case wire::CloseReason::write_timeout:
      return job::Departure::lost;
    default:
      return job::Departure::left;
  }
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

bool is_well_formed(const wire::Tally& message) {
  constexpr int kMostStrata = 1 << sampling::kMaxLog2Strata;
  const auto as_many = [](const wire::Shape& s) { return s.bin_step_size() == s.bin_count_size(); };
  return message.strata_size() <= kMostStrata &&
         std::all_of(message.shapes().begin(), message.shapes().end(), as_many);
}

bool is_result_of(const wire::Result& message, const job::Job& job) {
  return message.fingerprint() == to_bytes(job.fingerprint()) && is_well_formed(message.tally());
}

tally::Tally tally_from(const wire::Tally& message) {
  tally::Tally tally;
  for (const wire::Stratum& s : message.strata()) {
    tally.strata.push_back({s.stratum(), moments_from(s)});
  }
  for (const wire::Stratum& s : message.others()) tally.others.push_back(moments_from(s));
  for (const wire::CoMoment& c : message.co_moments()) {
    tally.co_moments.push_back({c.a(), c.b(), one_nan(c.value())});
  }
  for (const wire::Shape& s : message.shapes()) tally.shapes.push_back(shape_from(s));
  return tally;
}

Duration computing_from(const wire::Result& message) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 60;  // 36 years
  return Duration(static_cast<std::int64_t>(std::min(message.compute_nanoseconds(), kMost)));
}

}  // namespace oche::crew
