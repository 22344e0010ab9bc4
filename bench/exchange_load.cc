// Load for a host, from one process: simulated workers that join, answer leases and stay.
//
//   exchange_load digest=SAMPLES                 the digest of the crowd's job with so many samples
//   exchange_load host=ADDRESS [process=ID] [workers=N] [cores=N] [computing=SECONDS]
//                 [claim=SECONDS] [wait=joined|served] [seconds=S] [insecure=1]
//
// The second dials with the user's own key (OCHE_HOME), waits until all have joined, or have had a
// result accepted, measures for so many seconds, prints one object of JSON, and stays until its
// standard input ends.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>

#include "base/descriptor_limit.h"
#include "bench/crowd.h"
#include "job/digest.h"
#include "sampling/stratified.h"
#include "wire/key_file.h"

namespace oche::bench {
namespace {

// For all workers to be there.
constexpr Duration kPatience = std::chrono::seconds(600);

class Arguments {
 public:
  Arguments(int count, char** values) {
    for (int i = 1; i < count; ++i) {
      const std::string text = values[i];
      const std::size_t equals = text.find('=');
      if (equals == std::string::npos) throw std::invalid_argument(text + " is no NAME=VALUE");
      given_[text.substr(0, equals)] = text.substr(equals + 1);
    }
  }
  std::string text(const std::string& name, const std::string& otherwise) const {
    const auto place = given_.find(name);
    return place == given_.end() ? otherwise : place->second;
  }
  double number(const std::string& name, double otherwise) const {
    const std::string given = text(name, "");
    return given.empty() ? otherwise : std::stod(given);
  }
  Duration duration(const std::string& name) const {
    return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(number(name, 0)));
  }

 private:
  std::map<std::string, std::string> given_;
};

// Processor time of a process so far, in seconds: user's and system's.
double processor_seconds(const std::string& process) {
  std::ifstream file("/proc/" + process + "/stat");
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return 0;
  std::istringstream fields(text.substr(name_end + 1));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0, system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

std::string digest_of(std::uint64_t samples) {
  const auto job = job::Job::from_arguments(kCrowdJob, sampling::Method::plain, 1);
  const sampling::PassContext pass(job->integrand(), job->seed(), job->chunk_samples(),
                                   sampling::first_plan(job->method(), job->dimensions()));
  const std::vector<tally::Tally> tallies = tallies_of(pass);
  if (samples % job->chunk_samples() != 0) throw std::invalid_argument("not whole chunks");
  tally::PairwiseMerger<tally::Tally> merger;
  const std::uint64_t end = samples / job->chunk_samples();
  for (std::uint64_t first = 0; first < end;) {
    const tally::Node node = tally::largest_node(first, end);
    merger.add_node(node.level, tallies.at(node.level));
    first = node.end();
  }
  return job::digest(*job, {{pass.plan, samples, std::move(merger).result()}});
}

class Load {
 public:
  explicit Load(const Arguments& given)
      : process_(given.text("process", "self")),
        length_(given.duration("seconds")),
        wait_served_(given.text("wait", "served") == "served"),
        options_(options_from(given)),
        crowd_(loop_, options_, [this] { look(); }) {}

  void run() {
    std::thread([this] {
      while (std::getchar() != EOF) continue;
      loop_.stop();
    }).detach();
    begun_ = monotonic_now();
    host_at_begin_ = processor_seconds(process_);
    crowd_.dial();
    loop_.after(kPatience, [this] {
      if (measuring_) return;
      const CrowdCounts& counts = crowd_.counts();
      throw std::runtime_error(std::to_string(counts.open) + " of " +
                               std::to_string(options_.workers) + " workers joined, " +
                               std::to_string(counts.served) + " were served: " + counts.why);
    });
    loop_.run();
  }

 private:
  struct Mark {
    Instant time;
    double host = 0, own = 0;  // processor seconds
    CrowdCounts counts;
    Duration busy{};
  };

  static CrowdOptions options_from(const Arguments& given) {
    CrowdOptions options;
    options.host = wire::parse_address(given.text("host", ""), wire::AddressUse::dial);
    if (given.text("insecure", "").empty()) {
      options.key = std::make_shared<const wire::Key>(
          wire::own_key(wire::host_keys_path(wire::key_folder())));
    }
    options.workers = static_cast<unsigned>(given.number("workers", 1));
    options.cores = static_cast<unsigned>(given.number("cores", 1));
    options.computing = given.duration("computing");
    options.claim = given.duration("claim");
    return options;
  }

  Mark mark() const {
    const Instant now = monotonic_now();
    return {now, processor_seconds(process_), processor_seconds("self"), crowd_.counts(),
            crowd_.busy(now)};
  }

  // Begins to measure when all are there.
  void look() {
    const CrowdCounts& counts = crowd_.counts();
    if (!joined_ && counts.open == options_.workers) joined_ = monotonic_now();
    const bool ready = joined_ && (!wait_served_ || counts.served == options_.workers);
    if (!ready || measuring_) return;
    measuring_ = true;
    ready_ = monotonic_now();
    loop_.after(Duration::zero(), [this] {
      const Mark first = mark();
      loop_.after(length_, [this, first] { report(first, mark()); });
    });
  }

  void report(const Mark& a, const Mark& b) const {
    const double length = seconds(b.time - a.time);
    const double cores = static_cast<double>(options_.workers) * options_.cores;
    std::printf(
        "{\"joined\": %.4f, \"ready\": %.4f, \"joining_seconds\": %.3f, \"redials\": %u, \"lost\": "
        "%u, \"why\": \"%s\", "
        "\"seconds\": %.4f, \"leases\": %llu, \"chunks\": %llu, \"refused\": %llu, "
        "\"host_seconds\": %.3f, \"own_seconds\": %.3f, \"efficiency\": %.5f}\n",
        seconds(*joined_ - begun_), seconds(ready_ - begun_), a.host - host_at_begin_,
        b.counts.redials, b.counts.lost, b.counts.why.c_str(), length,
        static_cast<unsigned long long>(b.counts.leases - a.counts.leases),
        static_cast<unsigned long long>(b.counts.chunks - a.counts.chunks),
        static_cast<unsigned long long>(b.counts.refused), b.host - a.host, b.own - a.own,
        seconds(b.busy - a.busy) / (cores * length));
    std::fflush(stdout);
  }

  const std::string process_;
  const Duration length_;
  const bool wait_served_;
  const CrowdOptions options_;
  wire::Loop loop_;
  Crowd crowd_;
  Instant begun_{}, ready_{};
  double host_at_begin_ = 0;
  std::optional<Instant> joined_;
  bool measuring_ = false;
};

int run(int count, char** values) {
  const Arguments given(count, values);
  const double samples = given.number("digest", 0);
  if (samples > 0) {
    std::puts(digest_of(static_cast<std::uint64_t>(samples)).c_str());
    return 0;
  }
  Load(given).run();
  // A thread still waits for standard input.
  std::fflush(stdout);
  std::_Exit(0);
}

}  // namespace
}  // namespace oche::bench

int main(int count, char** values) {
  try {
    oche::raise_descriptor_limit();
    return oche::bench::run(count, values);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "exchange_load: %s\n", error.what());
    return 1;
  }
}
