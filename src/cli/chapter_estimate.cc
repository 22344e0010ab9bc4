// oche pi and oche ln2: the chapter's two estimates, as shortcuts of estimate.
#include <CLI/CLI.hpp>

#include <cmath>
#include <memory>
#include <numbers>

#include "cli/command.h"
#include "cli/run_command.h"
#include "cli/text_dialect.h"
#include "cli/values.h"

namespace oche::cli {
namespace {

struct Shortcut {
  const char* name;
  const char* description;
  const char* symbol;
  std::vector<std::string> definition;
  double truth;
  chapter::Quantity quantity;
};

const Shortcut kPi{"pi",
                   "Pi, by darts that land in a quarter of a disk",
                   "pi",
                   {"4*(x^2+y^2<=1)", "x=0..1", "y=0..1"},
                   std::numbers::pi,
                   chapter::Quantity::pi};
const Shortcut kLn2{"ln2",
                    "The logarithm of 2, the integral of 1/x from 1 to 2",
                    "ln 2",
                    {"1/x", "x=1..2"},
                    std::numbers::ln2,
                    chapter::Quantity::ln2};

// What pi and ln2 stop at without being told.
constexpr double kDefaultRelError = 1e-5;

struct ShortcutOptions {
  RunFlags flags;
  bool text = false;
  bool ask = false;
};

// The chapter's multiprocessing program: so many samples in each of so many processes.
int run_asked(const Shortcut& shortcut, const ShortcutOptions& options) {
  const chapter::SamplesAndWorkers answer = ask_samples_and_workers();
  Job job;
  job.definition = shortcut.definition;
  RunFlags flags = options.flags;
  apply_flags(flags, job);
  job.samples = answer.samples * answer.workers;
  flags.workers = std::to_string(answer.workers);
  const Result result = run_job(flags, job);
  for (const std::string& warning : result.warnings) {
    std::fprintf(stderr, "warning: %s\n", warning.c_str());
  }
  if (result.stop_reason == "interrupted") return exit_interrupted;
  if (result.estimate) print_estimate_and_error(*result.estimate, shortcut.truth);
  return result.met ? exit_ok : exit_not_met;
}

int run_text(const Shortcut& shortcut, const ShortcutOptions& options) {
  if (!options.flags.listen) {
    throw Error(ErrorKind::usage,
                std::string("oche ") + shortcut.name +
                    " --text needs --listen (in the chapter the manager is the server); "
                    "give --listen ADDR:PORT");
  }
  TextManagerOptions manager;
  manager.listen = {*options.flags.listen, options.flags.keys.insecure};
  if (options.flags.wait) {
    manager.wait = parse_count("--wait", *options.flags.wait, 1, chapter::kMostTextWorkers);
  }
  manager.quantity = shortcut.quantity;
  return run_manager_text(manager);
}

int run(const CLI::App& command, const Shortcut& shortcut, const ShortcutOptions& options) {
  if (options.text) {
    refuse_certificate(options.flags.keys, "the chapter's protocol knows nothing of it");
    refuse_options(command,
                   {"--ask", "--samples", "--rel-error", "--abs-error", "--time", "--confidence",
                    "--seed", "--method", "--workers", "--lease", "--at", "--priority", "--detach",
                    "--simd", "--json", "--allow", "--key-file"},
                   "with --text the workers decide, as in the chapter");
  }
  if (options.ask) {
    refuse_options(
        command,
        {"--samples", "--rel-error", "--abs-error", "--time", "--confidence", "--workers",
         "--listen", "--wait", "--at", "--priority", "--detach", "--json"},
        "--ask asks for samples and workers, and prints what the chapter's program does");
  }
  if (options.text) return run_text(shortcut, options);
  if (options.ask) return run_asked(shortcut, options);
  Job job;
  job.definition = shortcut.definition;
  apply_flags(options.flags, job);
  const bool told = job.samples || job.rel_error || job.abs_error || job.seconds;
  if (!told) job.rel_error = kDefaultRelError;
  return run_and_report(options.flags, job, shortcut.symbol);
}

void add(CLI::App& app, Outcome& outcome, const Shortcut& shortcut) {
  auto options = std::make_shared<ShortcutOptions>();
  CLI::App* command = app.add_subcommand(shortcut.name, shortcut.description);
  add_run_options(*command, options->flags);
  command->add_flag("--ask", options->ask,
                    "Ask for samples and workers, as the chapter's program does");
  command->add_flag("--text", options->text, "With --listen: the chapter's plain-text dialect");
  command->footer("Without a target or a cap it stops at --rel-error 1e-5.");
  command->callback([options, command, &outcome, &shortcut] {
    outcome.exit_code = run(*command, shortcut, *options);
  });
}

}  // namespace

void add_pi(CLI::App& app, Outcome& outcome) { add(app, outcome, kPi); }
void add_ln2(CLI::App& app, Outcome& outcome) { add(app, outcome, kLn2); }

}  // namespace oche::cli
