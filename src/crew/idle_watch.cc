#include "crew/idle_watch.h"

#include <dirent.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <fstream>
#include <memory>
#include <string>

namespace oche::crew {
namespace {

// Long enough that a process that only starts doesn't count as use, short enough that who comes
// back to the computer hardly notices.
constexpr Duration kWindow = std::chrono::seconds(5);

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
}

// The kernel notes when a terminal was read from last, to within eight seconds.
std::optional<Duration> since_input_at(const std::string& folder, const std::string& prefix) {
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(opendir(folder.c_str()), closedir);
  std::optional<Duration> least;
  while (const dirent* const entry = entries ? readdir(entries.get()) : nullptr) {
    const std::string name = entry->d_name;
    const std::string number = name.substr(std::min(prefix.size(), name.size()));
    if (!name.starts_with(prefix) || number.empty() ||
        number.find_first_not_of("0123456789") != number.npos) {
      continue;
    }
    struct stat status{};
    if (stat((folder + "/" + name).c_str(), &status) != 0) continue;
    const std::time_t age = std::max<std::time_t>(std::time(nullptr) - status.st_atime, 0);
    const Duration since = std::chrono::seconds(age);
    least = least ? std::min(*least, since) : since;
  }
  return least;
}

}  // namespace

std::optional<OthersUse> look_at_others() {
  // Of the first line: user, nice, system, idle, iowait, irq, softirq, in clock ticks. What virtual
  // machines of this one use is within user.
  std::ifstream file("/proc/stat");
  std::string name;
  double user = 0, nice = 0, system = 0, idle = 0, waiting = 0, irq = 0, softirq = 0;
  file >> name >> user >> nice >> system >> idle >> waiting >> irq >> softirq;
  rusage own{};
  if (!file || name != "cpu" || getrusage(RUSAGE_SELF, &own) != 0) return std::nullopt;
  OthersUse use;
  use.core_seconds =
      (user + nice + system + irq + softirq) / static_cast<double>(sysconf(_SC_CLK_TCK)) -
      seconds_of(own.ru_utime) - seconds_of(own.ru_stime);
  const auto windows = since_input_at("/dev/pts", "");
  const auto consoles = since_input_at("/dev", "tty");
  use.since_input =
      windows && consoles ? std::min(*windows, *consoles) : (windows ? windows : consoles);
  return use;
}

void IdleWatch::see(const OthersUse& use, Instant now) {
  samples_.push_back({now, use.core_seconds});
  // One that is as old as the window, or older, stays.
  while (samples_.size() > 2 && samples_[1].at <= now - kWindow) samples_.pop_front();
  const Duration span = now - samples_.front().at;
  if (span > Duration::zero()) {
    others_ = std::max(0.0, use.core_seconds - samples_.front().core_seconds) / seconds(span);
  }
  const bool typed = use.since_input && *use.since_input < idle_after_;
  if (span <= Duration::zero() || others_ >= cores_ || typed) {
    // Of a first look nothing is known.
    quiet_since_ = span <= Duration::zero() && !typed ? std::optional(now) : std::nullopt;
    idle_ = false;
    return;
  }
  if (!quiet_since_) quiet_since_ = now;
  idle_ = now - *quiet_since_ >= idle_after_;
}

}  // namespace oche::crew
