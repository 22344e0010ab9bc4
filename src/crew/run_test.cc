#include "oche/run.h"

#include <gtest/gtest.h>

#include <cfenv>
#include <string>

namespace oche {
namespace {

Job half_disc() {
  Job job;
  job.definition = {"2*sqrt(1-x^2)+1e-308*x/7, x=-1..1"};
  job.samples = 100'000;
  return job;
}

RunOptions threads(unsigned n) {
  RunOptions options;
  options.threads = n;
  return options;
}

std::string error_of(const RunOptions& options) {
  try {
    run(half_disc(), options);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    return error.what();
  }
  return "no error";
}

TEST(Run, is_the_same_in_a_caller_with_another_rounding_mode) {
  const Result expected = run(half_disc(), threads(1));
  ASSERT_EQ(expected.samples, 100'000u);
  for (const int mode : {FE_UPWARD, FE_TOWARDZERO}) {
    std::fesetround(mode);
    const Result result = run(half_disc(), threads(2));
    EXPECT_EQ(std::fegetround(), mode);
    std::fesetround(FE_TONEAREST);
    EXPECT_EQ(result.digest, expected.digest);
    EXPECT_EQ(result.standard_error, expected.standard_error);
  }
}

TEST(Run, refuses_a_crew_that_cannot_be) {
  RunOptions options = threads(1);
  options.wait_for_workers = 1;
  EXPECT_NE(error_of(options).find("--wait without --listen"), std::string::npos);
  options.listen = "127.0.0.1:0";
  options.wait_for_workers = 100'000;
  EXPECT_NE(error_of(options).find("--wait 100000 is too many"), std::string::npos);
  EXPECT_NE(error_of(threads(0)).find("nobody to compute"), std::string::npos);
  EXPECT_NE(error_of(threads(kMaxThreads + 1)).find("too many"), std::string::npos);
}

TEST(Run, tells_each_event_and_its_progress) {
  RunOptions options = threads(2);
  unsigned joined = 0;
  options.on_event = [&](const std::string& line) { joined += line.ends_with(" joined"); };
  const Result result = run(half_disc(), options);
  EXPECT_EQ(joined, 2u);
  EXPECT_EQ(result.crew.size(), 2u);
  EXPECT_TRUE(result.met);
}

}  // namespace
}  // namespace oche
