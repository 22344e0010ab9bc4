// Times for ratios: processor time of the calling thread, so that other load on the machine matters
// little, as the median over repetitions.
#ifndef OCHE_BENCH_MEASURE_H_
#define OCHE_BENCH_MEASURE_H_

#include <algorithm>
#include <ctime>
#include <vector>

namespace oche::bench {

inline double thread_seconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

struct Timing {
  double median = 0;  // seconds
  double spread = 0;  // (slowest - fastest) / median
};

// Runs f once to warm up and then `repetitions` times.
template <class F>
Timing measure(int repetitions, F&& f) {
  f();
  std::vector<double> times;
  for (int i = 0; i < repetitions; ++i) {
    const double begin = thread_seconds();
    f();
    times.push_back(thread_seconds() - begin);
  }
  std::sort(times.begin(), times.end());
  const double median = times[times.size() / 2];
  return {median, (times.back() - times.front()) / median};
}

}  // namespace oche::bench

#endif  // OCHE_BENCH_MEASURE_H_
