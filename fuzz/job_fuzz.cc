// What a manager sends to a worker, beneath the wire: a job's text, and a plan's bytes.
//
// The first byte says which: 0 the text of a job, 255 two such with a byte of value 0 between them,
// text and data sets, else a plan for a job of so many dimensions. Checked: whatever is taken is
// written again as it was read; a plan that is taken can be worked on.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "job/job.h"
#include "oche/error.h"
#include "sampling/plausible.h"

namespace {

using namespace oche;

void check(bool condition) {
  if (!condition) std::abort();
}

void read_job(std::string_view text) {
  try {
    const auto job = job::Job::from_canonical(text);
    check(job->canonical() == text);
    check(job->chunk_samples() >= 256 && job->dimensions() <= 1024);
  } catch (const Error& error) {
    check(error.kind() == ErrorKind::usage && error.what()[0] != 0);
  }
}

void read_data(std::string_view both) {
  const std::size_t end = both.find('\0');
  if (end == std::string_view::npos) return;
  const std::string_view text = both.substr(0, end);
  const std::string_view data = both.substr(end + 1);
  const auto sets = job::data_sets_from(data);
  if (sets) {
    std::string again;
    for (const DataSet& set : *sets) again += job::bytes_of(set.values);
    check(again == data);
  }
  try {
    const auto job = job::Job::from_canonical(text, data);
    check(sets.has_value() && job->canonical() == text);
    check(job::Job::from_canonical(text, job->data())->fingerprint() == job->fingerprint());
  } catch (const Error& error) {
    check(error.kind() == ErrorKind::usage && error.what()[0] != 0);
  }
}

void read_plan(std::string_view bytes, std::uint32_t dimensions) {
  const auto plan = sampling::Plan::from_bytes(bytes, dimensions);
  if (!plan) return;
  check(plan->bytes() == bytes);
  static const auto job =
      job::Job::from_arguments({"x+y, x=0..1, y=0..1"}, sampling::Method::plain, 1);
  if (dimensions != 2) return;
  const sampling::PassContext pass(job->integrand(), 1, job->chunk_samples(), *plan);
  sampling::Workspace workspace;
  const std::uint64_t samples = plan->stratified() ? plan->samples() : job->chunk_samples();
  if (samples == 0) return;
  const tally::Tally tally =
      sampling::compute_node(pass, tally::Node{0, 0}, samples, workspace, {});
  check(sampling::plausible(pass, tally::Node{0, 0}, samples, tally));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] == 0) {
    read_job(rest);
  } else if (data[0] == 255) {
    read_data(rest);
  } else {
    read_plan(rest, data[0]);
  }
  return 0;
}
