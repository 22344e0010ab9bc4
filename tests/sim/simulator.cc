#include "sim/simulator.h"

#include <deque>

#include "sim/manager.h"

namespace oche::sim {
namespace {

using namespace std::chrono_literals;

std::uint64_t the_seed = 0;

class Simulation {
 public:
  Simulation(std::uint64_t seed, const Hooks& hooks, std::size_t trace_lines)
      : hooks_(hooks),
        random_(seed),
        trace_(timeline_, trace_lines),
        scenario_(with(draw_scenario(random_), hooks.deadly_chunk)),
        subject_(make_subject()) {}

  // What is still to come holds channels, which hold callbacks into the rest.
  ~Simulation() { timeline_.clear(); }
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  Outcome run() {
    Outcome outcome;
    outcome.scenario = scenario_.text();
    outcome.transport = scenario_.faults.transport;
    try {
      set_up();
      run_to_the_end();
      outcome.reason = *subject_->reason();
    } catch (const Violation& violation) {
      outcome.violation = violation.what();
      trace_.add(std::string("VIOLATION: ") + violation.what());
    }
    outcome.simulated = timeline_.now() - begun_;
    outcome.trace_hash = trace_.hash();
    outcome.trace = trace_.tail();
    outcome.counters = counters_;
    return outcome;
  }

 private:
  static Scenario with(Scenario scenario, std::optional<std::uint64_t> deadly_chunk) {
    // Without sessions, a crash that is told looks like a goodbye.
    if (scenario.faults.transport == Transport::streams)
      scenario.faults.deadly_chunk = deadly_chunk;
    return scenario;
  }

  std::unique_ptr<Subject> make_subject() const {
    if (hooks_.subject) return hooks_.subject(scenario_);
    return std::make_unique<Subject>(scenario_.job, scenario_.rule, scenario_.options);
  }

  void set_up() {
    const bool streams = scenario_.faults.transport == Transport::streams;
    network_ =
        streams ? make_streams(world_, manager_process_) : make_datagrams(world_, manager_process_);
    manager_ = std::make_unique<Manager>(world_, scenario_, manager_process_, checker_);
    network_->on_accept = [this](const std::shared_ptr<Channel>& channel) {
      manager_->accept(channel);
    };
    for (const WorkerProfile& profile : scenario_.workers) {
      Worker& worker = workers_.emplace_back(world_, scenario_, profile, *network_, hooks_.tamper);
      timeline_.after(profile.joins_after, [&worker] { worker.start(); });
      plan_faults(worker);
    }
    const FaultModel& faults = scenario_.faults;
    every(faults.manager_stall_every, [this] { stall(manager_process_, "the manager"); });
    if (scenario_.interrupt_after) {
      timeline_.after(*scenario_.interrupt_after, [this] {
        timeline_.when_awake(manager_process_, [this] { manager_->interrupt(); });
      });
    }
  }

  void run_to_the_end() {
    const Instant limit = begun_ + scenario_.time_limit();
    while (!subject_->finished()) {
      require(timeline_.step(), "nothing happens any more, and the run isn't finished");
      require(timeline_.now() < limit, "the run doesn't end");
    }
    checker_.check_answer();
    // What was under way arrives; nobody may be given any more work.
    const Instant drained = timeline_.now() + 30s;
    while (timeline_.now() < drained && timeline_.step()) {
    }
    if (!scenario_.faults.calm() || scenario_.faults.transport == Transport::datagrams) return;
    for (const Worker& worker : workers_) {
      require(worker.ended_well(), worker.profile().name + " isn't told that all is done");
    }
  }

  // ---- Faults ----

  // Again and again until the calm, at intervals that are `mean` on average.
  void every(Duration mean, std::function<void()> fault) {
    if (mean == Duration{}) return;
    timeline_.after(random_.between(mean / 4, 7 * (mean / 4)),
                    [this, mean, fault = std::move(fault)] {
                      if (world_.calm() || subject_->finished()) return;
                      fault();
                      every(mean, fault);
                    });
  }

  void plan_faults(Worker& worker) {
    const FaultModel& faults = scenario_.faults;
    every(faults.crash_every, [this, &worker] {
      if (!worker.running()) return;
      ++counters_.crashes;
      worker.crash(random_.chance(scenario_.faults.silent) ? Worker::Crash::silent
                                                           : Worker::Crash::loud);
      come_back(worker);
    });
    every(faults.leave_every, [this, &worker] {
      if (!worker.running() || worker.process().awake_at > timeline_.now()) return;
      ++counters_.leaves;
      worker.leave();
      come_back(worker);
    });
    every(faults.stall_every, [this, &worker] {
      if (!worker.running()) return;
      ++counters_.stalls;
      stall(worker.process(), worker.profile().name);
    });
    every(faults.reset_every, [this, &worker] {
      ++counters_.resets;
      trace_.add(worker.profile().name + "'s connections are reset");
      network_->reset(worker.process());
    });
    every(faults.partition_every, [this, &worker] {
      ++counters_.partitions;
      const Duration length = random_.between(Duration{0}, scenario_.faults.longest_partition);
      trace_.add(worker.profile().name + " is cut off for " + std::to_string(seconds(length)) +
                 "s");
      network_->partition(worker.process(), timeline_.now() + length);
    });
  }

  // Somebody must be left: the first worker always comes back, and before the run has begun all do,
  // as it may wait for them.
  void come_back(Worker& worker) {
    const bool must = &worker == &workers_.front() || !subject_->begun();
    if (!must && random_.chance(scenario_.faults.for_good)) return;
    timeline_.after(random_.between(Duration(10ms), 5s), [&worker] { worker.start(); });
  }

  void stall(Process& process, const std::string& who) {
    const Duration length = random_.between(Duration{0}, scenario_.faults.longest_stall);
    trace_.add(who + " is stopped for " + std::to_string(seconds(length)) + "s");
    process.awake_at = std::max(process.awake_at, timeline_.now() + length);
  }

  const Hooks& hooks_;
  Timeline timeline_;
  Random random_;
  Trace trace_;
  Counters counters_;
  const Scenario scenario_;
  const Instant begun_ = timeline_.now();
  World world_{timeline_, trace_, random_, scenario_.faults, counters_};
  Process manager_process_;
  const std::unique_ptr<Subject> subject_;
  Checker checker_{*subject_, scenario_, counters_};
  std::unique_ptr<Network> network_;
  std::unique_ptr<Manager> manager_;
  std::deque<Worker> workers_;
};

}  // namespace

std::uint64_t current_seed() { return the_seed; }

Outcome simulate(std::uint64_t seed, const Hooks& hooks, std::size_t trace_lines) {
  the_seed = seed;
  return Simulation(seed, hooks, trace_lines).run();
}

std::string Outcome::report(std::uint64_t seed) const {
  std::string text = "seed " + std::to_string(seed) + ": " + violation.value_or("no violation");
  text += "\n" + scenario + "\n" + trace;
  return text + "replay: sim_test --seed " + std::to_string(seed) + "\n";
}

void Counters::add(const Counters& c) {
  grants += c.grants;
  accepted += c.accepted;
  accepted_late += c.accepted_late;
  repeats += c.repeats;
  doubled += c.doubled;
  stale += c.stale;
  absent += c.absent;
  expired += c.expired;
  hurried += c.hurried;
  withdrawn += c.withdrawn;
  offered += c.offered;
  wanted += c.wanted;
  passes += c.passes;
  crashes += c.crashes;
  killed += c.killed;
  leaves += c.leaves;
  stalls += c.stalls;
  resets += c.resets;
  partitions += c.partitions;
  sessions_lost += c.sessions_lost;
  sessions_cut += c.sessions_cut;
}

std::string Counters::text() const {
  std::string out;
  const auto put = [&](const char* name, std::uint64_t n) {
    out += std::string(name) + " " + std::to_string(n) + ", ";
  };
  put("grants", grants);
  put("accepted", accepted);
  put("accepted late", accepted_late);
  put("repeats", repeats);
  put("doubled", doubled);
  put("stale", stale);
  put("absent", absent);
  put("expired", expired);
  put("hurried", hurried);
  put("withdrawn", withdrawn);
  put("offered", offered);
  put("wanted", wanted);
  put("passes", passes);
  put("crashes", crashes);
  put("killed", killed);
  put("leaves", leaves);
  put("stalls", stalls);
  put("resets", resets);
  put("partitions", partitions);
  put("sessions lost", sessions_lost);
  put("cut in a frame", sessions_cut);
  out.resize(out.size() - 2);
  return out;
}

}  // namespace oche::sim
