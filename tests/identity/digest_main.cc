// oche_digest: runs a job on the pure folders alone, in one thread, and prints its digest. The
// compile matrix builds it by every compiler and compares what it prints.
//
//   oche_digest --list-simd                          the targets that this processor can be told to
//   use oche_digest --simd NAME --samples N CASE         CASE is pi, costly, stratified,
//   distribution or data
#include <cstdio>
#include <cstdlib>
#include <string>
#include <variant>
#include <vector>

#include "job/digest.h"
#include "job/dispatcher.h"
#include "math/float_environment.h"
#include "math/simd.h"
#include "oche/error.h"

namespace {

using oche::job::Dispatcher;

struct Case {
  const char* name;
  oche::sampling::Method method;
  std::vector<std::string> arguments;
  std::vector<oche::DataSet> data_sets = {};
};

constexpr char kCostly[] =
    "exp(-x*x)*sin(3*y)+sqrt(x*y)+log(1+x)*cos(z)*tan(y/2)+x^y+min(x,z)/"
    "max(y,0.1)+if(z<0,abs(z),w)";

const std::vector<Case>& cases() {
  using oche::sampling::Method;
  static const std::vector<Case> list = {
      {"pi", Method::plain, {"4*(x^2+y^2<=1)", "x=0..1", "y=0..1"}},
      {"costly", Method::plain, {kCostly, "x=0..1", "y=0..x", "z~normal(0,1)", "w=-inf..inf"}},
      {"stratified",
       Method::stratified,
       {"exp(-100*((x-0.3)^2+(y-0.6)^2))*(1+sin(5*z))", "x=0..1", "y=0..1", "z=0..1"}},
      {"distribution",
       Method::plain,
       {"a*exp(-b*t)+c; a*b>5; tan(a-c)", "a~normal(5,0.1)", "b~uniform(1,2)", "t=3",
        "c~normal(0,0.2)"}},
      {"data",
       Method::plain,
       {"x*exp(-y)+t; sum(j=1..3, z[j])", "x~data(rows, 1)", "t~normal(0,1)", "y~data(rows, 2)",
        "z[1..3]~data(rows, 2)"},
       {{"rows", {}, {{1.5, 2.25, -0.75, 4, 0.1}, {0.25, 0.1, 0.5, 0.125, -0.0}}}}},
  };
  return list;
}

// What a crew of one would do: take the grants in order, compute, hand back.
std::string run(const Case& c, std::uint64_t samples) {
  oche::job::Settings settings;
  settings.method = c.method;
  const auto job = oche::job::Job::from_arguments(c.arguments, settings, c.data_sets);
  oche::job::StopRule rule;
  rule.samples = samples;
  Dispatcher dispatcher(job, rule, {});
  oche::sampling::Workspace workspace;
  std::vector<oche::job::Action> actions;
  const oche::Instant now{};
  const auto me = dispatcher.join("me", 1, std::chrono::milliseconds(10), now, actions);
  std::shared_ptr<const oche::sampling::PassContext> pass;
  while (!dispatcher.finished()) {
    std::vector<oche::job::Action> taken;
    taken.swap(actions);
    for (const auto& action : taken) {
      if (const auto* begin = std::get_if<oche::job::BeginPass>(&action)) pass = begin->pass;
      const auto* grant = std::get_if<oche::job::Grant>(&action);
      if (!grant) continue;
      const oche::job::Lease& lease = grant->lease;
      dispatcher.complete(
          me, lease.id, lease.pass, lease.node,
          oche::sampling::compute_node(*pass, lease.node, lease.end_sample, workspace, {}),
          std::chrono::milliseconds(1), now, actions);
    }
  }
  return oche::job::digest(*job, dispatcher.answer());
}

int usage() {
  std::fprintf(stderr, "usage: oche_digest --list-simd | --simd NAME --samples N CASE\n");
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string(argv[1]) == "--list-simd") {
    for (const std::string& name : oche::math::supported_simd_targets()) std::puts(name.c_str());
    return 0;
  }
  if (argc != 6 || std::string(argv[1]) != "--simd" || std::string(argv[3]) != "--samples")
    return usage();
  try {
    oche::math::select_simd_target(argv[2]);
    for (const Case& c : cases()) {
      if (std::string(argv[5]) != c.name) continue;
      std::printf("%s\n",
                  run(c, static_cast<std::uint64_t>(std::strtod(argv[4], nullptr))).c_str());
      return 0;
    }
  } catch (const oche::Error& error) {
    std::fprintf(stderr, "oche_digest: %s\n", error.what());
  }
  return usage();
}
