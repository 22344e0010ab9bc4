#include "cli/at_host.h"

#include <pwd.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <limits>
#include <utility>

#include "base/parse_number.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/progress_display.h"
#include "cli/report_options.h"
#include "cli/values.h"
#include "formula/formula_error.h"
#include "job/order.h"
#include "job/result.h"
#include "math/float_environment.h"
#include "oche/error.h"

namespace oche::cli {
namespace {

// Who is logged in, as jobs are listed.
std::string user_name() {
  for (const char* variable : {"LOGNAME", "USER"}) {
    const char* const value = std::getenv(variable);
    if (value != nullptr && *value != '\0') return value;
  }
  const passwd* const entry = getpwuid(geteuid());
  return entry != nullptr ? entry->pw_name : "somebody";
}

void refuse_flags_of_a_run_here(const RunFlags& flags) {
  const std::pair<bool, const char*> given[] = {
      {flags.workers.has_value(), "--workers"},
      {flags.listen.has_value(), "--listen"},
      {flags.wait.has_value(), "--wait"},
      {flags.lease.has_value(), "--lease"},
      {flags.simd.has_value(), "--simd"},
      {flags.verbose, "--verbose"},
      {flags.checkpoint.has_value(), "--checkpoint"},
      {!flags.keys.allow.empty(), "--allow"},
  };
  for (const auto& [is_given, option] : given) {
    if (!is_given) continue;
    throw Error(ErrorKind::usage, std::string(option) +
                                      " with --at (the host's workers compute, not this "
                                      "computer); leave one of them out");
  }
}

int parse_priority(const std::string& text) {
  if (const auto value = oche::parse_number<int>(text)) return *value;
  throw Error(ErrorKind::usage, "--priority " + formula::shown(text) +
                                    " is not a whole number; give for example --priority 10");
}

std::string how_to_fetch(const std::string& address, std::uint64_t number) {
  return "oche result " + address + " " + std::to_string(number);
}

// Nothing if interrupted.
std::optional<host::EndedJob> wait_for(host::Client& client, const RunFlags& flags,
                                       const std::string& address, std::uint64_t number,
                                       const std::shared_ptr<const job::Job>& own) {
  ProgressDisplay display(!flags.quiet);
  try {
    auto ended =
        client.wait(number, own, [&](const host::JobProgress& job) { display.show(job.progress); });
    if (!ended) {
      display.note("job " + std::to_string(number) +
                   " goes on at the host; its answer: " + how_to_fetch(address, number));
    }
    return ended;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::network) throw;
    throw Error(error.kind(), error.what() +
                                  std::string("; where the host still is, the answer is "
                                              "to be had with ") +
                                  how_to_fetch(address, number));
  }
}

int report(const RunFlags& flags, const Job& job, const host::EndedJob& ended,
           const job::Show& show, const std::string& name) {
  Result result = job::make_result(ended.answer, ended.rule, show);
  result.seconds = ended.seconds;
  print_report(flags, job, result, name);
  if (result.stop_reason == "interrupted") return exit_interrupted;
  return result.met ? exit_ok : exit_not_met;
}

}  // namespace

host::ClientOptions client_of(const std::string& address, const KeyFlags& keys) {
  const wire::Address host = wire::parse_address(address, wire::AddressUse::dial);
  return {address, user_name(), credential_for(keys, host, wire::Service::estimate),
          &interrupt_requested()};
}

std::uint64_t parse_job_number(const std::string& text) {
  return parse_count("the job number", text, 1, std::numeric_limits<std::uint64_t>::max());
}

int run_at_host(const RunFlags& flags, const Job& job, const std::string& name) {
  refuse_flags_of_a_run_here(flags);
  const int priority = flags.priority ? parse_priority(*flags.priority) : 0;
  const math::StandardFloatEnvironment environment;
  const job::Order order = job::make_order(job);
  host::Client client(client_of(*flags.at, flags.keys));
  const std::uint64_t number = client.submit(*order.job, order.rule, priority);
  if (flags.detach) {
    std::printf("%llu\n", static_cast<unsigned long long>(number));
    return exit_ok;
  }
  if (!flags.quiet) {
    std::fprintf(stderr, "job %llu at %s\n", static_cast<unsigned long long>(number),
                 flags.at->c_str());
  }
  const auto ended = wait_for(client, flags, *flags.at, number, order.job);
  return ended ? report(flags, job, *ended, order.show, name) : exit_interrupted;
}

int report_of_host(const RunFlags& flags, const std::string& address, std::uint64_t number) {
  Job shown;  // for what is to be shown
  apply_distribution_flags(flags, shown);
  const math::StandardFloatEnvironment environment;
  host::Client client(client_of(address, flags.keys));
  const auto ended = wait_for(client, flags, address, number, nullptr);
  if (!ended) return exit_interrupted;
  const std::string& canonical = ended->answer.job->canonical();
  shown.definition = {canonical.substr(canonical.find("estimate ") + 9)};
  check_report_flags(flags, *ended->answer.job);
  return report(flags, shown, *ended, {shown.quantiles, shown.coverage, shown.bars}, "");
}

}  // namespace oche::cli
