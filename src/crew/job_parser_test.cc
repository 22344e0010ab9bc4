#include "crew/job_parser.h"

#include <gtest/gtest.h>

#include <vector>

namespace oche::crew {
namespace {

std::string text(const std::string& expression) {
  return "method plain\nseed 1\nestimate " + expression + "\n";
}

TEST(JobParser, answers_in_order_on_the_loops_thread) {
  wire::Loop loop;
  JobParser parser(loop);
  std::vector<std::string> answers;
  const auto here = std::this_thread::get_id();
  const auto parse = [&](const std::string& what) {
    parser.parse(what, {}, [&, here](ParsedJob job) {
      EXPECT_EQ(std::this_thread::get_id(), here);
      const auto* const why = std::get_if<std::string>(&job);
      answers.push_back(
          why != nullptr ? *why : std::get<std::shared_ptr<const job::Job>>(job)->canonical());
      if (answers.size() == 3) loop.stop();
    });
  };
  parse(text("x, x=0..1"));
  parse(text("x+, x=0..1"));
  parse(text("y, y=0..1"));
  loop.run();
  EXPECT_EQ(answers[0], text("x, x=0..1"));
  EXPECT_NE(answers[1], "");
  EXPECT_EQ(answers[1].find('\n'), std::string::npos) << answers[1];
  EXPECT_EQ(answers[2], text("y, y=0..1"));
}

TEST(JobParser, ends_though_jobs_wait) {
  wire::Loop loop;
  JobParser parser(loop);
  for (int i = 0; i < 1000; ++i) {
    parser.parse(text("x, x=0..1"), {}, [](const ParsedJob&) { ADD_FAILURE(); });
  }
}

}  // namespace
}  // namespace oche::crew
