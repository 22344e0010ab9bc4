#include "sim/planted.h"

#include <bit>
#include <map>
#include <ostream>
#include <set>

namespace oche::sim {
namespace {

// ---- Accounting ----

// Counts the chunks of a repeat as accepted once more.
class CountsRepeats final : public Subject {
 public:
  using Subject::Subject;
  std::vector<job::CrewMember> crew() const override {
    std::vector<job::CrewMember> crew = Subject::crew();
    for (job::CrewMember& member : crew) member.chunks_accepted += member.repeats;
    return crew;
  }
};

// Says "accepted" to what was there already.
class AcceptsRepeats final : public Subject {
 public:
  using Subject::Subject;
  job::Verdict complete(job::WorkerId worker, job::LeaseId lease, std::uint32_t pass,
                        tally::Node node, tally::Tally tally, Duration computing, Instant now,
                        job::Actions& out) override {
    const job::Verdict verdict =
        Subject::complete(worker, lease, pass, node, std::move(tally), computing, now, out);
    return verdict == job::Verdict::repeat ? job::Verdict::accepted : verdict;
  }
};

// ---- Leases ----

// Lends every tenth node to a second worker as well.
class LendsTwice final : public Subject {
 public:
  using Subject::Subject;
  job::WorkerId join(const std::string& name, unsigned depth, Duration lease_target, Instant now,
                     job::Actions& out) override {
    const job::WorkerId id = Subject::join(name, depth, lease_target, now, out);
    for (std::size_t i = 0; i < out.size(); ++i) {
      const auto* grant = std::get_if<job::Grant>(&out[i]);
      if (grant == nullptr || ++granted_ % 10 != 0) continue;
      job::Grant second = *grant;
      second.lease.id = job::LeaseId{static_cast<std::uint64_t>(grant->lease.id) + 1};
      out.insert(out.begin() + static_cast<std::ptrdiff_t>(i) + 1, second);
      break;
    }
    return id;
  }

 private:
  std::uint64_t granted_ = 0;
};

// Doesn't notice that a worker has left.
class ForgetsLeaves final : public Subject {
 public:
  using Subject::Subject;
  void leave(job::WorkerId, Instant, job::Actions&) override {}
};

// Never looks after the deadlines.
class ForgetsDeadlines final : public Subject {
 public:
  using Subject::Subject;
  void tick(Instant, job::Actions&) override {}
};

// ---- Bits ----

// Merges what it accepts in the order of its arrival.
class MergesAsTheyCome final : public Subject {
 public:
  using Subject::Subject;
  job::Verdict complete(job::WorkerId worker, job::LeaseId lease, std::uint32_t pass,
                        tally::Node node, tally::Tally tally, Duration computing, Instant now,
                        job::Actions& out) override {
    const tally::Tally copy = tally;
    const job::Verdict verdict =
        Subject::complete(worker, lease, pass, node, std::move(tally), computing, now, out);
    const bool plain = real_.job().method() == sampling::Method::plain;
    if (plain && verdict == job::Verdict::accepted)
      merged_ = tally::merge(std::move(merged_), copy);
    return verdict;
  }
  std::vector<sampling::PassResult> answer() const override {
    std::vector<sampling::PassResult> answer = Subject::answer();
    const bool whole = answer.size() == 1 && !answer[0].plan.stratified() &&
                       merged_.samples() == answer[0].samples;
    if (whole) answer[0].tally = merged_;
    return answer;
  }

 private:
  tally::Tally merged_;
};

template <class Bug>
Hooks with_subject() {
  Hooks hooks;
  hooks.subject = [](const Scenario& s) { return std::make_unique<Bug>(s.job, s.rule, s.options); };
  return hooks;
}

// The first worker's third result has another last bit in a mean.
Hooks liar() {
  Hooks hooks;
  hooks.tamper = [results = 0](const std::string& worker, tally::Tally& tally) mutable {
    if (worker != "w0" || ++results != 3) return;
    double& mean = tally.strata.front().moments.mean;
    mean = std::bit_cast<double>(std::bit_cast<std::uint64_t>(mean) ^ 1);
  };
  return hooks;
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Planted& planted) { return out << planted.name; }

std::vector<Planted> planted_bugs() {
  return {
      {"counts_repeats", "has another number accepted", with_subject<CountsRepeats>},
      {"accepts_repeats", "the verdict on", with_subject<AcceptsRepeats>},
      {"lends_twice", "overlaps the running lease", with_subject<LendsTwice>},
      {"forgets_leaves", "", with_subject<ForgetsLeaves>},
      {"forgets_deadlines", "a tick is wanted at once", with_subject<ForgetsDeadlines>},
      {"merges_as_they_come", "the answer has other bits", with_subject<MergesAsTheyCome>},
      {"liar", "bits", liar},
  };
}

}  // namespace oche::sim
