// Compiled kernels alone (integrand/kernel.h) against what is written by hand (limits.h), pi and
// ten expressions, in turns, on one core: from the counters to the sums, without chunks and
// tallies, which engine_bench has.
//
//   kernel_bench [REPETITIONS [SAMPLES]]
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <optional>
#include <string>
#include <vector>

#include "bench/limits.h"
#include "bench/measure.h"
#include "formula/definitions.h"
#include "formula/lower.h"
#include "integrand/kernel.h"

namespace oche::bench {
namespace {

constexpr std::uint64_t kCall = 16384;  // samples of a call of the kernel

struct Contest {
  std::vector<std::string> definition;
  integrand::KernelTask task;
  void (*limit)(const Contest&, std::uint64_t samples);
  Moments (*run)(std::uint64_t, std::uint64_t, std::uint64_t);
};

std::vector<Contest> contests() {
  std::vector<Contest> list;
  list.push_back({{"4*(x^2+y^2<=1)", "x=0..1", "y=0..1"},
                  integrand::KernelTask::count,
                  [](const Contest&, std::uint64_t n) { limit_pi_hits(1, 0, n); },
                  nullptr});
  for (const ExpressionLimit& limit : expression_limits()) {
    list.push_back({{limit.expression},
                    integrand::KernelTask::accumulate,
                    [](const Contest& c, std::uint64_t n) { c.run(1, 0, n); },
                    limit.run});
    for (const std::string& input : limit.inputs) list.back().definition.push_back(input);
  }
  return list;
}

// Scratch memory of one thread.
class Scratch {
 public:
  explicit Scratch(std::size_t n)
      : memory_(
            static_cast<double*>(::operator new((n + 8) * sizeof(double), std::align_val_t{64}))) {}
  ~Scratch() { ::operator delete(memory_, std::align_val_t{64}); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  double* get() const { return memory_; }

 private:
  double* memory_;
};

void run_kernel(const integrand::Kernel& kernel, std::uint64_t samples, const Scratch& scratch) {
  const random::StreamKey key{1, 0, random::Domain::samples};
  const double centre = 0.5;
  math::LaneSums sums;
  for (std::uint64_t first = 0; first < samples; first += kCall) {
    if (kernel.task() == integrand::KernelTask::count) {
      kernel.count(key, first, kCall, scratch.get());
    } else {
      kernel.accumulate(key, first, kCall, &centre, &sums, scratch.get());
    }
  }
}

template <class F>
double seconds_of(F&& f) {
  const double begin = thread_seconds();
  f();
  return thread_seconds() - begin;
}

double median(std::vector<double> v) {
  std::sort(v.begin(), v.end());
  return v[v.size() / 2];
}

// Prints one line; false without a kernel.
bool compete(const Contest& contest, int repetitions, std::uint64_t samples) {
  const formula::Program program = formula::lower(formula::parse_definition(contest.definition));
  const auto kernel = integrand::Kernel::compile(contest.task, program, program.outputs);
  if (!kernel) return false;
  const Scratch scratch(kernel->scratch_doubles());
  std::vector<double> ours, hand, ratios;
  run_kernel(*kernel, samples, scratch);
  contest.limit(contest, samples);
  for (int i = 0; i < repetitions; ++i) {
    ours.push_back(seconds_of([&] { run_kernel(*kernel, samples, scratch); }));
    hand.push_back(seconds_of([&] { contest.limit(contest, samples); }));
    ratios.push_back(hand.back() / ours.back());
  }
  const double n = static_cast<double>(samples);
  const auto [low, high] = std::minmax_element(ratios.begin(), ratios.end());
  std::printf("%-34.34s %9.3g %9.3g   %5.2f  (%.2f to %.2f)\n", contest.definition[0].c_str(),
              n / median(ours), n / median(hand), median(ratios), *low, *high);
  return true;
}

}  // namespace
}  // namespace oche::bench

int main(int argc, char** argv) {
  const int repetitions = argc > 1 ? std::max(1, std::atoi(argv[1])) : 15;
  const std::uint64_t wanted =
      argc > 2 ? std::strtoull(argv[2], nullptr, 10) : std::uint64_t{1} << 21;
  const std::uint64_t samples =
      std::max(wanted / oche::bench::kCall, std::uint64_t{1}) * oche::bench::kCall;
  std::printf("one core; samples/s and the ratio kernel/limit, median (least to most)\n");
  std::printf("%-34s %9s %9s   %s\n", "expression", "kernel", "limit", "ratio");
  for (const oche::bench::Contest& contest : oche::bench::contests()) {
    if (!oche::bench::compete(contest, repetitions, samples)) {
      std::printf("%s: this processor has no kernels\n", contest.definition[0].c_str());
    }
  }
  return 0;
}
