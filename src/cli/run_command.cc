#include "cli/run_command.h"

#include <CLI/CLI.hpp>
#include <cstdio>

#include "cli/at_host.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/progress_display.h"
#include "cli/report_options.h"
#include "cli/values.h"
#include "math/simd.h"
#include "oche/run.h"
#include "sampling/plan.h"
#include "wire/address.h"
#include "wire/limits.h"

namespace oche::cli {
namespace {

RunOptions options_from(const RunFlags& flags) {
  RunOptions options;
  if (flags.workers) {
    options.threads =
        static_cast<unsigned>(parse_count("--workers", *flags.workers, 0, kMaxThreads));
  }
  if (flags.listen) {
    static_cast<void>(wire::parse_address(*flags.listen, wire::AddressUse::listen));
    options.listen = *flags.listen;
  }
  if (flags.wait) {
    options.wait_for_workers =
        static_cast<unsigned>(parse_count("--wait", *flags.wait, 0, wire::kMaxSessions));
  }
  if ((flags.keys.insecure || !flags.keys.allow.empty()) && !flags.listen) {
    throw Error(ErrorKind::usage,
                std::string(flags.keys.insecure ? "--insecure" : "--allow") +
                    " without --listen (there is nobody to be let in); leave it out");
  }
  if (flags.keys.key_file) {
    throw Error(ErrorKind::usage,
                "--key-file without --at (there is no host to show it to); leave it out");
  }
  if (!flags.listen) {
    refuse_certificate(flags.keys, "without --listen and --at there is nobody to show it to");
  } else if (has_certificate(flags.keys)) {
    const wire::CertificateFiles& files = flags.keys.certificate;
    options.certificate = {files.authority, files.certificate, files.private_key, files.revoked};
  }
  options.insecure = flags.keys.insecure;
  options.allow = flags.keys.allow;
  if (flags.checkpoint) {
    if (flags.checkpoint->empty()) {
      throw Error(ErrorKind::usage, "--checkpoint names no file (it is empty); give one");
    }
    options.checkpoint = *flags.checkpoint;
  }
  if (flags.lease) options.lease_seconds = parse_seconds("--lease", *flags.lease);
  return options;
}

}  // namespace

void refuse_options(const CLI::App& command, std::initializer_list<const char*> options,
                    const std::string& why) {
  for (const char* option : options) {
    if (command.get_option(option)->count() == 0) continue;
    throw Error(ErrorKind::usage,
                std::string(option) + " can't be given here (" + why + "); leave it out");
  }
}

void add_local_options(CLI::App& command, RunFlags& flags) {
  command
      .add_option("--workers", flags.workers,
                  "Threads here (default: the cores that this process may use; 0 with --listen)")
      ->type_name("N");
  command
      .add_option(
          "--simd", flags.simd,
          "Instruction set: auto, jit, avx3_dl, avx3, avx2, portable; each gives the same bits")
      ->type_name("NAME");
  command.add_flag("--json", flags.json, "Print one JSON object");
  command.add_flag("--quiet", flags.quiet, "No progress and no notes");
  command.add_flag("--verbose", flags.verbose, "A line on stderr for each event of the crew");
}

void add_run_options(CLI::App& command, RunFlags& flags) {
  command.add_option("--samples", flags.samples, "At most N samples")->type_name("N");
  command
      .add_option("--rel-error", flags.rel_error,
                  "Stop when the interval's half-width is at most E times the estimate")
      ->type_name("E");
  command
      .add_option("--abs-error", flags.abs_error,
                  "Stop when the interval's half-width is at most E; of two targets either one "
                  "suffices")
      ->type_name("E");
  command
      .add_option("--time", flags.time,
                  "Stop at the last stop point within T of computing, or at the first if none is: "
                  "10s, 500ms, 5min, 2h")
      ->type_name("T");
  command.add_option("--confidence", flags.confidence, "Of the interval (default 0.95)")
      ->type_name("P");
  command.add_option("--seed", flags.seed, "Seed of the random numbers (default 1)")
      ->type_name("N");
  command.add_option("--method", flags.method, "auto, plain or stratified")->type_name("METHOD");
  command
      .add_option("--checkpoint", flags.checkpoint,
                  "Keep the run in a new file, so that oche resume or extend goes on with it")
      ->type_name("FILE");
  add_local_options(command, flags);
  command
      .add_option("--listen", flags.listen, "Be the manager of workers that connect (oche work)")
      ->type_name("ADDR:PORT");
  add_allow_option(command, flags.keys);
  add_certificate_options(command, flags.keys);
  add_insecure_option(command, flags.keys);
  command.add_option("--wait", flags.wait, "Begin when N workers have joined")->type_name("N");
  command
      .add_option("--lease", flags.lease,
                  "How long a worker may keep a range of chunks (default 10s)")
      ->type_name("T");
  add_key_file_option(command, flags.keys);
  command.add_option("--at", flags.at, "Let a host (oche host) run it, on the workers that it has")
      ->type_name("HOST[:PORT]");
  command
      .add_option("--priority", flags.priority,
                  "With --at: the higher, the sooner (default 0, may be negative)")
      ->type_name("N");
  command.add_flag("--detach", flags.detach,
                   "With --at: print the job's number, and don't wait for its answer");
}

void apply_flags(const RunFlags& flags, Job& job) {
  if (flags.samples)
    job.samples = parse_count("--samples", *flags.samples, 1, sampling::kMaxSamples);
  if (flags.rel_error) job.rel_error = parse_number("--rel-error", *flags.rel_error, "1e-3");
  if (flags.abs_error) job.abs_error = parse_number("--abs-error", *flags.abs_error, "1e-3");
  if (flags.time) job.seconds = parse_seconds("--time", *flags.time);
  if (flags.confidence) job.confidence = parse_number("--confidence", *flags.confidence, "0.95");
  if (flags.seed) job.seed = parse_count("--seed", *flags.seed, 0, ~std::uint64_t{0});
  if (flags.method) job.method = *flags.method;
  apply_distribution_flags(flags, job);
}

Result run_here(const RunFlags& flags, const std::function<Result(const RunOptions&)>& run) {
  math::select_simd_target(flags.simd.value_or("auto"));
  RunOptions options = options_from(flags);
  ProgressDisplay display(!flags.quiet);
  options.on_progress = [&](const Progress& p) { display.show(p); };
  if (!flags.quiet) {
    options.on_listen = [&](const std::string& endpoint) {
      display.note("listening on " + endpoint);
    };
  }
  if (flags.verbose) {
    options.on_event = [&](const std::string& line) { display.note(line); };
  }
  options.interrupt = &interrupt_requested();
  Result result = run(options);
  display.clear();
  result.seconds = seconds_since_start();
  return result;
}

Result run_job(const RunFlags& flags, const Job& job) {
  return run_here(flags, [&](const RunOptions& options) { return run(job, options); });
}

int report_here(const RunFlags& flags, const Job& job, const Result& result,
                const std::string& name) {
  print_report(flags, job, result, name);
  if (flags.checkpoint && !flags.quiet && !result.met) {
    std::fprintf(stderr, "to go on with it: oche resume %s\n", flags.checkpoint->c_str());
  }
  if (result.stop_reason == "interrupted") return exit_interrupted;
  return result.met ? exit_ok : exit_not_met;
}

int run_and_report(const RunFlags& flags, const Job& job, const std::string& name) {
  check_report_flags(flags, job);
  if (flags.at) return run_at_host(flags, job, name);
  if (flags.priority || flags.detach) {
    throw Error(ErrorKind::usage, std::string(flags.detach ? "--detach" : "--priority") +
                                      " without --at (it is for jobs of a host); give --at HOST, "
                                      "or leave it out");
  }
  return report_here(flags, job, run_job(flags, job), name);
}

}  // namespace oche::cli
