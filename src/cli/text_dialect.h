// The chapter's programs as the commands run them: --text on talk, send, receive, pi, ln2 and work,
// and --ask on pi and ln2. Each run_… prints the chapter's transcript on stdout, notes on stderr,
// and returns the exit code; each throws oche::Error for what main() reports.
#ifndef OCHE_CLI_TEXT_DIALECT_H_
#define OCHE_CLI_TEXT_DIALECT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "chapter/console.h"
#include "chapter/monte_carlo.h"
#include "chapter/prompt.h"
#include "oche/error.h"

namespace oche::cli {

// stdin, stdout and stderr.
class TerminalConsole : public chapter::Console {
 public:
  void say(std::string_view line) override;
  std::optional<std::string> ask(std::string_view prompt) override;
  void note(std::string_view line) override;
  bool interactive() const override;
};

// The number of talkers of a ring, and the seat in a ring (0: any): as given on the command line
// and then checked, or asked for.
std::size_t number_of_talkers(const std::optional<std::uint64_t>& given, chapter::Console& console);
std::size_t number_of_talker(const std::optional<std::uint64_t>& given, bool numbered,
                             chapter::Console& console);

// From now on Ctrl-C ends the program with exit code 130. For programs that wait for people and
// hold nothing that must be saved.
void exit_on_interrupt();

// `--insecure`: beyond this computer.
struct TextPlace {
  std::string address;  // HOST:PORT as typed
  bool insecure = false;
};

// oche pi|ln2 --text --listen ADDR:PORT --wait N
struct TextManagerOptions {
  TextPlace listen;
  std::size_t wait = 2;
  chapter::Quantity quantity = chapter::Quantity::pi;
};
int run_manager_text(const TextManagerOptions& options);

// oche work --text HOST:PORT [--for pi|ln2] [--samples N]
struct TextWorkerOptions {
  TextPlace host;
  chapter::Quantity quantity = chapter::Quantity::pi;
  std::uint64_t samples = chapter::kChapterSamples;
};
int run_work_text(const TextWorkerOptions& options);

// oche pi|ln2 --ask: the two questions, on the terminal; and the one line of the answer.
chapter::SamplesAndWorkers ask_samples_and_workers(const chapter::AskLimits& limits = {});
void print_estimate_and_error(double estimate, double truth);

// oche receive --text --listen ADDR:PORT [--allow ADDR/LEN]…
struct TextReceiveOptions {
  TextPlace listen;
  std::vector<std::string> allow;
};
int run_receive_text(const TextReceiveOptions& options);

// oche send --text HOST:PORT [TEXT]
struct TextSendOptions {
  TextPlace host;
  std::optional<std::string> text;  // asked for where there is none
};
int run_send_text(const TextSendOptions& options);

// oche talk --text --listen ADDR:PORT [--of N] [--numbered]
struct TextTalkHostOptions {
  TextPlace listen;
  std::optional<std::uint64_t> clients;  // asked for where there is none
  bool numbered = false;
};
int run_talk_host_text(const TextTalkHostOptions& options);

// oche talk --text HOST:PORT [--numbered] [--as I]
struct TextTalkClientOptions {
  TextPlace host;
  bool numbered = false;
  std::optional<std::uint64_t> number;  // asked for where the ring is numbered and there is none
};
int run_talk_client_text(const TextTalkClientOptions& options);

}  // namespace oche::cli

#endif  // OCHE_CLI_TEXT_DIALECT_H_
