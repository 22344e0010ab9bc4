#include "oche/run.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <cfenv>
#include <cstdio>
#include <fstream>
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

// The rows (1,10), (2,20), (3,60).
TEST(Run, draws_from_the_rows_that_a_program_gives_and_from_those_of_a_file) {
  Job job;
  job.definition = {"x*y", "x~data(mine, 1)", "y~data(mine, 2)"};
  job.samples = 100'000;
  EXPECT_THROW(run(job), Error);  // no file is looked for
  job.data_sets = {{"mine", {}, {{1, 2, 3}, {10, 20, 60}}}};
  const Result result = run(job, threads(2));
  ASSERT_TRUE(result.estimate);
  // Five standard errors, with one seed.
  EXPECT_NEAR(*result.estimate, 230.0 / 3, 5 * result.standard_error);
  EXPECT_EQ(result.minimum, 10);
  EXPECT_EQ(result.maximum, 180);

  const std::string folder = testing::TempDir();
  const std::string name = "oche_run_test_" + std::to_string(getpid()) + ".csv";
  std::ofstream(folder + name) << "x;y\n1;1e1\n2;20\n3;60\n";
  Job of_file;
  of_file.definition = {"x*y, x~data(" + name + "), y~data(" + name + ")"};
  of_file.samples = job.samples;
  of_file.data_sets = read_data_sets(of_file.definition, folder);
  EXPECT_EQ(run(of_file, threads(1)).digest, result.digest);
  std::remove((folder + name).c_str());
  EXPECT_EQ(run(of_file, threads(1)).digest, result.digest);
  EXPECT_THROW(read_data_sets(of_file.definition, folder), Error);
}

}  // namespace
}  // namespace oche
