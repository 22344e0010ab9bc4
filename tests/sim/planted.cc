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
                     job::Actions& out, job::ProcessId process) override {
    const job::WorkerId id = Subject::join(name, depth, lease_target, now, out, process);
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
  void leave(job::WorkerId, Instant, job::Actions&, job::Departure) override {}
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

double other_last_bit(double v) {
  return std::bit_cast<double>(std::bit_cast<std::uint64_t>(v) ^ 1);
}

// The first worker's results from the third on are changed, if they have the parts that the lie is
// about: the last bit of one alone would mostly be lost in the merges.
template <class Lie>
Hooks liar(Lie lie) {
  Hooks hooks;
  hooks.tamper = [lie, results = 0](const std::string& worker, tally::Tally& tally) mutable {
    if (worker == "w0" && ++results >= 3) lie(tally);
  };
  return hooks;
}

Hooks lies_about_the_mean() {
  return liar([](tally::Tally& tally) {
    double& mean = tally.strata.front().moments.mean;
    mean = other_last_bit(mean);
  });
}

Hooks lies_about_other_quantities() {
  return liar([](tally::Tally& tally) {
    if (tally.others.empty()) return;
    double& m2 = tally.others.back().m2;
    m2 = other_last_bit(m2);
  });
}

Hooks lies_about_co_moments() {
  return liar([](tally::Tally& tally) {
    if (tally.co_moments.empty()) return;
    double& value = tally.co_moments.back().value;
    value = other_last_bit(value);
  });
}

Hooks lies_about_fourth_moments() {
  return liar([](tally::Tally& tally) {
    if (tally.shapes.empty()) return;
    // More than its last bit, which may be lost in the merges.
    tally.shapes.front().higher.m4 *= 1 + 1e-12;
  });
}

// One sample is in a neighbouring bin: minimum, maximum and the sum of the counts are right.
Hooks lies_about_bins() {
  return liar([](tally::Tally& tally) {
    if (tally.shapes.empty()) return;
    tally::Bins& bins = tally.shapes.front().bins;
    if (bins.size() < 4 || bins[1].count < 2) return;
    --bins[1].count;
    ++bins[2].count;
  });
}

// One more sample than there are: seen at once.
Hooks lies_impossibly_about_bins() {
  return liar([](tally::Tally& tally) {
    if (!tally.shapes.empty()) ++tally.shapes.front().bins.back().count;
  });
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
      {"lies_about_the_mean", "bits", lies_about_the_mean},
      {"lies_about_other_quantities", "bits", lies_about_other_quantities},
      {"lies_about_co_moments", "bits", lies_about_co_moments},
      {"lies_about_fourth_moments", "bits", lies_about_fourth_moments},
      {"lies_about_bins", "bits", lies_about_bins},
      {"lies_impossibly_about_bins", "the verdict on", lies_impossibly_about_bins},
  };
}

}  // namespace oche::sim
