// What a host sends to a client: an answer, beneath the wire.
//
// The first byte says what the client knows: 0 nothing, so that the job is read too; else which of
// the jobs below it asked for. Checked: whatever is taken makes a result, and is taken again as it
// is written.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "host/messages.h"
#include "oche/error.h"
#include "report/json.h"

namespace {

using namespace oche;

void check(bool condition) {
  if (!condition) std::abort();
}

std::string json_of(const host::EndedJob& ended) {
  return report::to_json(job::make_result(ended.answer, ended.rule, {{0.1, 0.5}, 0.9, 20}));
}

std::shared_ptr<const job::Job> known(std::uint8_t which) {
  using sampling::Method;
  static const std::shared_ptr<const job::Job> jobs[] = {
      nullptr,
      job::Job::from_arguments({"x+y, x=0..1, y=0..1"}, Method::plain, 1),
      job::Job::from_arguments({"x+y, x=0..1, y=0..1"}, Method::stratified, 1),
      job::Job::from_arguments({"a*b; a, a~normal(0,1), b~uniform(1,2)"}, Method::plain, 1),
  };
  return jobs[which % std::size(jobs)];
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    const host::EndedJob ended = host::answer_from(rest, known(data[0]));
    const std::string json = json_of(ended);
    check(json_of(host::answer_from(host::answer_bytes(ended), nullptr)) == json);
  } catch (const Error& error) {
    check(error.kind() == ErrorKind::network && error.what()[0] != 0);
  }
  return 0;
}
