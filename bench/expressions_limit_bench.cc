// What the hand-written expressions of limits.h reach here, on one core.
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "bench/limits.h"
#include "bench/measure.h"

// With an argument: that many repetitions (default 9).
int main(int argc, char** argv) {
  const int repetitions = argc > 1 ? std::max(1, std::atoi(argv[1])) : 9;
  constexpr std::uint64_t kSamples = 1 << 22;
  int wrong = 0;
  for (const oche::bench::ExpressionLimit& limit : oche::bench::expression_limits()) {
    oche::bench::Moments m;
    const oche::bench::Timing t =
        oche::bench::measure(repetitions, [&] { m = limit.run(1, 0, kSamples); });
    const double standard_error = std::sqrt(m.squares / (m.n * (m.n - 1)));
    // Five standard errors: the seed is fixed, so this fails only for a defect.
    const bool right = std::fabs(m.mean - limit.true_mean) < 5 * standard_error;
    wrong += right ? 0 : 1;
    std::printf("%-32s %10.3g samples/s  spread %.1f%%  mean %.6f +- %.6f%s\n", limit.expression,
                static_cast<double>(kSamples) / t.median, 100 * t.spread, m.mean, standard_error,
                right ? "" : "  WRONG");
  }
  return wrong == 0 ? 0 : 1;
}
