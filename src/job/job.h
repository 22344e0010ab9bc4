// A job: what to estimate. Immutable once made.
//
// Its identity is the canonical text, which every party can parse again and which says nothing of
// when to stop or who computes:
//   method plain
//   seed 1
//   non_finite skip
//   sensitivity on
//   estimate 1/x, x=1..2
// (lines, each ended by a newline, the third and the fourth only where they are not "fail" and
// "off"; the expression and inputs as formula/canonical.h writes them; data sets are named by the
// hash of their values, see data_sets.h).
#ifndef OCHE_JOB_JOB_H_
#define OCHE_JOB_JOB_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/sha256.h"
#include "integrand/expression.h"
#include "job/data_sets.h"
#include "sampling/chunk.h"
#include "sampling/estimate.h"
#include "sampling/plan.h"

namespace oche::job {

// The longest canonical text: far above what formula::Limits::for_canonical_text() lets pass.
inline constexpr std::size_t kMaxCanonicalBytes = 512 * 1024;

// One sample, replayed.
struct SamplePoint {
  std::vector<integrand::NamedPoint> inputs;
  // Of the outputs, with the weights of the ranges, without their volume.
  std::vector<double> values;
};

// How samples are drawn and what is made of them.
struct Settings {
  sampling::Method method = sampling::Method::plain;
  std::uint64_t seed = 1;
  sampling::NonFinite non_finite = sampling::NonFinite::fail;
  bool sensitivity = false;
};

class Job {
 public:
  // From the arguments of a command: the expression and its inputs, and the data sets that they
  // name. Throws Error (usage).
  static std::shared_ptr<const Job> from_arguments(const std::vector<std::string>& arguments,
                                                   const Settings& settings,
                                                   const std::vector<DataSet>& data_sets = {});
  static std::shared_ptr<const Job> from_arguments(const std::vector<std::string>& arguments,
                                                   sampling::Method method, std::uint64_t seed) {
    return from_arguments(arguments, Settings{method, seed});
  }
  // From canonical text and data(). Throws Error (usage) when they are not exactly those of some
  // job.
  static std::shared_ptr<const Job> from_canonical(std::string_view text,
                                                   std::string_view data = {});

  const std::string& canonical() const { return canonical_; }
  // The data sets that the canonical text names by their hashes, in the order of their first use:
  // bytes_of() each, one behind the other.
  std::string data() const;
  // SHA-256 of u32 numerics number and the canonical text: two parties that agree on it compute the
  // same bits.
  const Hash256& fingerprint() const { return fingerprint_; }

  sampling::Method method() const { return settings_.method; }
  std::uint64_t seed() const { return settings_.seed; }
  sampling::NonFinite non_finite() const { return settings_.non_finite; }
  std::uint32_t outputs() const { return integrand_->measure().outputs; }
  // The outputs' expressions in canonical spelling.
  const std::vector<std::string>& labels() const { return labels_; }
  std::uint32_t dimensions() const { return integrand_->dimensions(); }
  std::uint64_t chunk_samples() const { return chunk_samples_; }
  // The constant factor of every value, see formula::Program::scale.
  double scale() const { return integrand_->program().scale; }
  // True when every input is a distribution or a constant: then the values have a distribution,
  // too.
  bool is_expectation() const { return is_expectation_; }
  // True when every sample gives the same values, so that there is nothing to sample.
  bool is_constant() const { return integrand_->program().is_constant(); }
  const integrand::Expression& integrand() const { return *integrand_; }
  // The bytes that it occupies, roughly: a short text may have large tables.
  std::size_t memory() const;

  // Of each output, from the passes or prefixes that make the answer.
  std::vector<sampling::Estimate> estimates(const std::vector<sampling::PassResult>& passes) const {
    return sampling::estimates(passes, scale(), outputs(), settings_.non_finite);
  }

  // The inputs at one sample, the first 20 of them, as text: "x=0.25, y=0.5". For messages.
  std::string describe_sample(const sampling::Plan& plan, std::uint64_t sample) const;
  SamplePoint sample_point(const sampling::Plan& plan, std::uint64_t sample) const;

 private:
  Job(const std::vector<std::string>& arguments, bool canonical_arguments, const Settings& settings,
      const std::vector<DataSet>& data_sets);
  integrand::Wanted wanted(const formula::Program& program) const;

  Settings settings_;
  std::vector<std::string> labels_;
  std::unique_ptr<const integrand::Expression> integrand_;
  std::string canonical_;
  std::vector<UsedDataSet> data_sets_;
  Hash256 fingerprint_;
  std::uint64_t chunk_samples_ = 0;
  bool is_expectation_ = false;
};

}  // namespace oche::job

#endif  // OCHE_JOB_JOB_H_
