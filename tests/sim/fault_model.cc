#include "sim/fault_model.h"

namespace oche::sim {
namespace {

using namespace std::chrono_literals;

Duration maybe(Random& random, Duration low, Duration high) {
  const Duration drawn = random.between(low, high);
  return random.chance(0.5) ? drawn : Duration{};
}

double maybe(Random& random, double most) {
  const double drawn = most * random.uniform();
  return random.chance(0.5) ? drawn : 0.0;
}

}  // namespace

FaultModel draw_fault_model(Random& random) {
  FaultModel m;
  m.transport = random.chance(0.6) ? Transport::streams : Transport::datagrams;
  m.latency = random.between(Duration(20us), random.chance(0.3) ? 150ms : 5ms);
  m.jitter = maybe(random, 10us, 50ms);
  m.cut = maybe(random, 1.0);
  m.retransmit = maybe(random, 0.1);
  m.window = random.chance(0.3) ? 1500 : 64 * 1024;
  m.loss = maybe(random, 0.2);
  m.duplication = maybe(random, 0.3);
  m.reordering = maybe(random, 0.3);
  m.reset_every = maybe(random, 500ms, 20s);
  m.partition_every = maybe(random, 1s, 20s);
  m.longest_partition = random.between(Duration(100ms), 12s);
  m.crash_every = maybe(random, 500ms, 20s);
  m.silent = random.uniform();
  m.for_good = maybe(random, 0.5);
  m.leave_every = maybe(random, 1s, 20s);
  m.stall_every = maybe(random, 500ms, 20s);
  m.longest_stall = random.between(Duration(100ms), 12s);
  m.manager_stall_every = random.chance(0.3) ? random.between(Duration(1s), 20s) : Duration{};
  m.straggler = maybe(random, 0.5);
  m.late_joiner = maybe(random, 0.6);
  m.calm_after = random.between(Duration(3s), 40s);
  // Some runs without any of what ends sessions: there, none may end.
  if (random.chance(0.15)) {
    m.retransmit = 0;
    m.reset_every = m.partition_every = m.crash_every = m.leave_every = Duration{};
    m.stall_every = m.manager_stall_every = Duration{};
  }
  return m;
}

bool FaultModel::calm() const {
  const Duration none{};
  return !deadly_chunk && retransmit == 0 && reset_every == none && partition_every == none &&
         crash_every == none && leave_every == none && stall_every == none &&
         manager_stall_every == none;
}

std::string FaultModel::text() const {
  std::string out = transport == Transport::streams ? "streams" : "datagrams";
  const auto number = [&](const char* name, double value) {
    if (value != 0) out += std::string(" ") + name + "=" + std::to_string(value);
  };
  const auto time = [&](const char* name, Duration value) {
    if (value != Duration{}) {
      out += std::string(" ") + name + "=" + std::to_string(value.count() / 1000) + "us";
    }
  };
  time("latency", latency);
  time("jitter", jitter);
  number("cut", cut);
  number("retransmit", retransmit);
  number("window", static_cast<double>(window));
  number("loss", loss);
  number("duplication", duplication);
  number("reordering", reordering);
  time("reset_every", reset_every);
  time("partition_every", partition_every);
  time("longest_partition", longest_partition);
  time("crash_every", crash_every);
  number("silent", silent);
  number("for_good", for_good);
  time("leave_every", leave_every);
  time("stall_every", stall_every);
  time("longest_stall", longest_stall);
  time("manager_stall_every", manager_stall_every);
  number("straggler", straggler);
  number("late_joiner", late_joiner);
  time("calm_after", calm_after);
  return out;
}

}  // namespace oche::sim
