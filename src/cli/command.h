// One file per command. Each defines an add_… function, declared here, that adds its subcommand to
// the parser, with a callback that runs it and returns the program's exit code.
#ifndef OCHE_CLI_COMMAND_H_
#define OCHE_CLI_COMMAND_H_

namespace CLI {  // NOLINT(readability-identifier-naming): CLI11's own
class App;
}

namespace oche::cli {

// The exit codes, all of them (DESIGN: one place). Scripts rely on them.
enum ExitCode : int {
  exit_ok = 0,            // the answer meets what was asked
  exit_not_met = 1,       // it ran, and the answer does not meet what was asked
  exit_usage = 2,         // the command line or the expression is wrong
  exit_network = 3,       // the network or a peer
  exit_file = 4,          // a file
  exit_interrupted = 130  // Ctrl-C
};

// A command's callback stores here what main() returns.
struct Outcome {
  int exit_code = exit_ok;
};

void add_estimate(CLI::App& app, Outcome& outcome);
void add_pi(CLI::App& app, Outcome& outcome);
void add_ln2(CLI::App& app, Outcome& outcome);
void add_work(CLI::App& app, Outcome& outcome);
void add_keys(CLI::App& app, Outcome& outcome);  // invite, revoke and keys
void add_doctor(CLI::App& app, Outcome& outcome);
void add_resume(CLI::App& app, Outcome& outcome);  // and extend
void add_shard(CLI::App& app, Outcome& outcome);   // and merge
void add_talk(CLI::App& app, Outcome& outcome);
void add_send(CLI::App& app, Outcome& outcome);
void add_receive(CLI::App& app, Outcome& outcome);
void add_host(CLI::App& app, Outcome& outcome);
void add_jobs(CLI::App& app, Outcome& outcome);
void add_result(CLI::App& app, Outcome& outcome);
void add_cancel(CLI::App& app, Outcome& outcome);
void add_workers(CLI::App& app, Outcome& outcome);
void add_drain(CLI::App& app, Outcome& outcome);

}  // namespace oche::cli

#endif  // OCHE_CLI_COMMAND_H_
