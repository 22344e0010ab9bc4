// oche work: lend this computer's cores to a manager.
#include <CLI/CLI.hpp>

#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/keys.h"
#include "cli/run_command.h"
#include "cli/text_dialect.h"
#include "cli/values.h"
#include "crew/work.h"
#include "math/simd.h"
#include "oche/run.h"
#include "wire/address.h"
#include "wire/limits.h"

namespace oche::cli {
namespace {

constexpr int kNicest = 19;
constexpr double kIdleAfter = 60;  // seconds

struct WorkFlags {
  std::string host;
  std::optional<std::string> cores, samples;
  std::string name;
  std::string simd = "auto";
  std::string quantity = "pi";
  std::optional<std::string> until, idle_after;
  bool nice = false;
  bool when_idle = false;
  bool quiet = false;
  bool text = false;
  KeyFlags keys;
};

int run_text(const WorkFlags& flags) {
  TextWorkerOptions options;
  options.host = {flags.host, flags.keys.insecure};
  if (flags.quantity != "pi" && flags.quantity != "ln2") {
    throw Error(ErrorKind::usage, "--for " + flags.quantity +
                                      " is not known (the chapter has pi and ln2); "
                                      "give one of those");
  }
  options.quantity = flags.quantity == "pi" ? chapter::Quantity::pi : chapter::Quantity::ln2;
  if (flags.samples) {
    options.samples = parse_count("--samples", *flags.samples, 1, chapter::kMostTextSamples);
  }
  return run_work_text(options);
}

int run(const CLI::App& command, const WorkFlags& flags) {
  if (flags.text) {
    refuse_certificate(flags.keys, "the chapter's protocol knows nothing of it");
    refuse_options(command,
                   {"--cores", "--name", "--simd", "--key-file", "--nice", "--until", "--when-idle",
                    "--idle-after"},
                   "a worker with --text is the chapter's: one core, no name, one chunk");
    return run_text(flags);
  }
  refuse_options(command, {"--for", "--samples"},
                 "without --text the manager says what is computed");
  math::select_simd_target(flags.simd);
  crew::WorkOptions options;
  options.address = flags.host;
  options.cores =
      flags.cores ? static_cast<unsigned>(parse_count("--cores", *flags.cores, 1, wire::kMaxSlots))
                  : available_cores();
  options.name = flags.name;
  if (flags.until) {
    options.until = parse_time_of_day("--until", *flags.until, std::chrono::system_clock::now());
  }
  if (flags.idle_after && !flags.when_idle) {
    throw Error(ErrorKind::usage,
                "--idle-after without --when-idle (it says when that begins); give both");
  }
  if (flags.when_idle) {
    const double after =
        flags.idle_after ? parse_seconds("--idle-after", *flags.idle_after) : kIdleAfter;
    options.idle_after =
        std::chrono::duration_cast<Duration>(std::chrono::duration<double>(std::min(after, 1e6)));
  }
  // The lowest there is: whatever else runs on this computer comes first.
  if (flags.nice && setpriority(PRIO_PROCESS, 0, kNicest) != 0) {
    throw Error(ErrorKind::usage, "--nice is not allowed here (" +
                                      std::system_category().message(errno) + "); work without it");
  }
  options.credential = credential_for(
      flags.keys, wire::parse_address(flags.host, wire::AddressUse::dial), wire::Service::work);
  if (!flags.quiet) {
    options.on_event = [](const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); };
  }
  options.interrupt = &interrupt_requested();
  return crew::work(options) == crew::WorkEnd::interrupted ? exit_interrupted : exit_ok;
}

}  // namespace

void add_work(CLI::App& app, Outcome& outcome) {
  auto flags = std::make_shared<WorkFlags>();
  CLI::App* command = app.add_subcommand("work", "Lend this computer's cores to a manager");
  command->add_option("host", flags->host, "Where the manager listens")
      ->type_name("HOST[:PORT]")
      ->required();
  command
      ->add_option("--cores", flags->cores, "How many (default: those that this process may use)")
      ->type_name("N");
  command->add_option("--name", flags->name, "How the manager calls this worker")
      ->type_name("NAME");
  command->add_flag("--nice", flags->nice, "Let everything else on this computer come first");
  command->add_option("--until", flags->until, "Leave at this time of day, exit code 0")
      ->type_name("HH:MM[:SS]");
  command->add_flag("--when-idle", flags->when_idle,
                    "Work only while nobody types at a terminal of this computer and its other "
                    "processes use little");
  command
      ->add_option("--idle-after", flags->idle_after,
                   "With --when-idle: how long that must have been so (default 60s)")
      ->type_name("T");
  command->add_option("--simd", flags->simd, "Instruction set, as for estimate")->type_name("NAME");
  command->add_flag("--quiet", flags->quiet, "No notes on stderr");
  command->add_flag("--text", flags->text,
                    "Speak the chapter's plain-text dialect: one seed, one fraction");
  command->add_option("--for", flags->quantity, "With --text: pi or ln2 (default pi)")
      ->type_name("NAME");
  command->add_option("--samples", flags->samples, "With --text: how many (default 1e7)")
      ->type_name("N");
  add_key_file_option(*command, flags->keys);
  add_certificate_options(*command, flags->keys);
  add_insecure_option(*command, flags->keys);
  command->callback([flags, command, &outcome] { outcome.exit_code = run(*command, *flags); });
}

}  // namespace oche::cli
