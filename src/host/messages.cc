#include "host/messages.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "crew/messages.h"
#include "oche/error.h"
#include "sampling/plausible.h"
#include "wire/handshake.h"

namespace oche::host {
namespace {

wire::StopRule to_message(const job::StopRule& rule) {
  wire::StopRule message;
  message.set_rel_error(rule.rel_error.value_or(0.0));
  message.set_abs_error(rule.abs_error.value_or(0.0));
  message.set_samples(rule.samples.value_or(0));
  if (rule.time) message.set_time_nanoseconds(static_cast<std::uint64_t>(rule.time->count()));
  message.set_confidence(rule.confidence);
  return message;
}

bool is_error(double e) { return e >= 0 && std::isfinite(e); }

constexpr std::pair<job::StopReason, wire::Answer::StopReason> kReasons[] = {
    {job::StopReason::target, wire::Answer::TARGET},
    {job::StopReason::samples, wire::Answer::SAMPLES},
    {job::StopReason::time, wire::Answer::TIME},
    {job::StopReason::interrupted, wire::Answer::INTERRUPTED},
    {job::StopReason::non_finite, wire::Answer::NON_FINITE},
    {job::StopReason::mismatch, wire::Answer::MISMATCH},
    {job::StopReason::deadly_chunk, wire::Answer::DEADLY_CHUNK},
};

constexpr std::pair<DeclineReason, wire::Declined::Reason> kDeclineNames[] = {
    {DeclineReason::wrong_job, wire::Declined::WRONG_JOB},
    {DeclineReason::no_such_job, wire::Declined::NO_SUCH_JOB},
    {DeclineReason::no_such_worker, wire::Declined::NO_SUCH_WORKER},
    {DeclineReason::limit, wire::Declined::LIMIT},
    {DeclineReason::stopping, wire::Declined::STOPPING},
    {DeclineReason::not_yours, wire::Declined::NOT_YOURS},
    {DeclineReason::has_failed, wire::Declined::JOB_HAS_FAILED},
};

[[noreturn]] void impossible() {
  throw Error(ErrorKind::network,
              "the host's answer can't be one (its parts don't fit together); run the same release "
              "of oche at both ends");
}

// The passes as the job's method has them: one of plain sampling, or each with its plan in turn.
bool is_plan_of(const job::Job& job, const sampling::Plan& plan, std::size_t place) {
  const bool stratified = job.method() == sampling::Method::stratified;
  return plan.pass == place && plan.stratified() == stratified && (stratified || place == 0);
}

sampling::PassResult pass_from(const job::Job& job, const wire::Answer::Pass& message,
                               std::size_t place) {
  auto plan = sampling::Plan::from_bytes(message.plan(), job.dimensions());
  if (!plan || !is_plan_of(job, *plan, place) || !crew::is_well_formed(message.tally())) {
    impossible();
  }
  const sampling::PassContext context(job.integrand(), job.seed(), job.chunk_samples(), *plan);
  sampling::PassResult pass{*std::move(plan), message.samples(), crew::tally_from(message.tally())};
  if (!sampling::plausible_prefix(context, pass.samples, pass.tally)) impossible();
  return pass;
}

job::CrewMember member_from(const wire::Answer::CrewMember& message) {
  job::CrewMember member;
  member.name = wire::printable(message.name(), wire::kMaxNameBytes);
  member.chunks_accepted = message.chunks();
  member.repeats = message.repeats();
  member.leases_lost = message.leases_lost();
  constexpr std::uint64_t kMost = std::uint64_t{1} << 60;  // 36 years
  member.computing =
      Duration(static_cast<Duration::rep>(std::min(message.compute_nanoseconds(), kMost)));
  return member;
}

std::shared_ptr<const job::Job> job_from(const wire::Answer& message,
                                         std::shared_ptr<const job::Job> own) {
  if (!own) try {
      return job::Job::from_canonical(message.canonical(), message.data());
    } catch (const Error& error) {
      const std::string what = error.what();
      throw Error(ErrorKind::network, "the host's answer is of no job: " + what);
    }
  if (message.canonical() != own->canonical()) {
    throw Error(ErrorKind::network,
                "the host's answer is that of another job; fetch it again with oche result");
  }
  return own;
}

}  // namespace

wire::Submit to_submit(const job::Job& job, const job::StopRule& rule, int priority,
                       std::size_t data_bytes) {
  wire::Submit message;
  message.set_canonical(job.canonical());
  message.set_data_bytes(data_bytes);
  *message.mutable_rule() = to_message(rule);
  message.set_priority(priority);
  return message;
}

std::optional<job::StopRule> rule_from(const wire::StopRule& message) {
  constexpr std::uint64_t kMostNanoseconds = 1'000'000'000'000'000'000;  // 30 years
  job::StopRule rule;
  if (!is_error(message.rel_error()) || !is_error(message.abs_error()) ||
      message.samples() > sampling::kMaxSamples || message.time_nanoseconds() > kMostNanoseconds) {
    return std::nullopt;
  }
  rule.confidence = message.confidence();
  if (!(rule.confidence > 0 && rule.confidence < 1) ||
      !std::isfinite(job::interval_factor(rule.confidence))) {
    return std::nullopt;
  }
  if (message.rel_error() > 0) rule.rel_error = message.rel_error();
  if (message.abs_error() > 0) rule.abs_error = message.abs_error();
  if (message.samples() > 0) rule.samples = message.samples();
  if (message.time_nanoseconds() > 0) {
    rule.time = Duration(static_cast<Duration::rep>(message.time_nanoseconds()));
  }
  if (!rule.has_target() && !rule.samples && !rule.time) return std::nullopt;
  return rule;
}

wire::Declined to_message(const Declined& declined, JobNumber job) {
  wire::Declined message;
  for (const auto& [ours, theirs] : kDeclineNames) {
    if (ours == declined.reason) message.set_reason(theirs);
  }
  message.set_text(wire::printable(declined.text, wire::kMaxTextBytes));
  message.set_job(static_cast<std::uint64_t>(job));
  return message;
}

wire::JobState to_message(JobState state) {
  switch (state) {
    case JobState::queued:
      return wire::JOB_QUEUED;
    case JobState::running:
      return wire::JOB_RUNNING;
    case JobState::done:
      return wire::JOB_DONE;
    case JobState::failed:
      return wire::JOB_FAILED;
    case JobState::cancelled:
      return wire::JOB_CANCELLED;
  }
  return wire::JOB_STATE_UNSPECIFIED;
}

wire::Progress to_message(JobNumber number, const Progress& progress, JobState state,
                          std::size_t ahead) {
  wire::Progress message;
  message.set_job(static_cast<std::uint64_t>(number));
  message.set_state(to_message(state));
  message.set_ahead(static_cast<std::uint32_t>(ahead));
  message.set_workers(progress.workers);
  message.set_samples(progress.samples);
  message.set_seconds(progress.seconds);
  message.set_has_estimate(progress.estimate.has_value());
  message.set_estimate(progress.estimate.value_or(0.0));
  message.set_half_width(progress.half_width);
  message.set_seconds_left(progress.seconds_left.value_or(-1.0));
  return message;
}

std::string answer_bytes(const EndedJob& ended) {
  const job::Answer& answer = ended.answer;
  wire::Answer message;
  message.set_canonical(ended.canonical);
  message.set_data(ended.data);
  *message.mutable_rule() = to_message(ended.rule);
  for (const auto& [ours, theirs] : kReasons) {
    if (ours == answer.reason) message.set_reason(theirs);
  }
  for (const sampling::PassResult& pass : answer.passes) {
    wire::Answer::Pass& out = *message.add_passes();
    out.set_plan(pass.plan.bytes());
    out.set_samples(pass.samples);
    crew::put_tally(pass.tally, *out.mutable_tally());
  }
  for (const job::CrewMember& member : answer.crew) {
    wire::Answer::CrewMember& out = *message.add_crew();
    out.set_name(member.name);
    out.set_chunks(member.chunks_accepted);
    out.set_repeats(member.repeats);
    out.set_leases_lost(member.leases_lost);
    out.set_compute_nanoseconds(static_cast<std::uint64_t>(member.computing.count()));
  }
  message.set_mismatch(answer.mismatch);
  if (answer.deadly_chunk) {
    wire::Answer::DeadlyChunk& deadly = *message.mutable_deadly_chunk();
    deadly.set_pass(answer.deadly_chunk->pass);
    deadly.set_chunk(answer.deadly_chunk->chunk);
    for (const std::string& worker : answer.deadly_chunk->workers) deadly.add_workers(worker);
  }
  message.set_seconds(ended.seconds);
  return message.SerializeAsString();
}

EndedJob answer_from(std::string_view bytes, std::shared_ptr<const job::Job> own) {
  const std::optional<wire::Answer> decoded = wire::decode_answer(bytes);
  if (!decoded) impossible();
  const wire::Answer& message = *decoded;
  const std::optional<job::StopRule> rule = rule_from(message.rule());
  const auto* const reason = std::ranges::find_if(
      kReasons, [&](const auto& pair) { return pair.second == message.reason(); });
  const auto passes = static_cast<std::size_t>(message.passes_size());
  if (!rule || reason == std::end(kReasons) || passes > kMostPasses ||
      !std::isfinite(message.seconds())) {
    impossible();
  }
  EndedJob ended;
  ended.rule = *rule;
  ended.seconds = std::max(0.0, message.seconds());
  ended.answer.job = job_from(message, std::move(own));
  ended.canonical = message.canonical();
  ended.data = message.data();
  ended.answer.reason = reason->first;
  for (std::size_t i = 0; i < passes; ++i) {
    ended.answer.passes.push_back(
        pass_from(*ended.answer.job, message.passes(static_cast<int>(i)), i));
  }
  for (const wire::Answer::CrewMember& member : message.crew()) {
    ended.answer.crew.push_back(member_from(member));
  }
  ended.answer.mismatch = wire::printable(message.mismatch(), wire::kMaxNameBytes);
  if (ended.answer.reason == job::StopReason::deadly_chunk) {
    const wire::Answer::DeadlyChunk& deadly = message.deadly_chunk();
    const std::uint64_t chunk_samples = ended.answer.job->chunk_samples();
    if (deadly.chunk() >= sampling::kMaxSamples / chunk_samples) impossible();
    job::DeadlyChunk& ours = ended.answer.deadly_chunk.emplace();
    ours.pass = deadly.pass();
    ours.chunk = deadly.chunk();
    for (const std::string& worker : deadly.workers()) {
      ours.workers.push_back(wire::printable(worker, wire::kMaxNameBytes));
    }
  }
  return ended;
}

}  // namespace oche::host
