#include "host/messages.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "host/job_queue_scene_test.h"
#include "oche/error.h"
#include "report/json.h"

namespace oche::host {
namespace {

using job::Settings;

// ---- Jobs ----

wire::Submit pi_job() { return to_submit(*quarter_disk(), job::samples_rule(1000), -3, 0); }

TEST(Messages, carry_a_job_and_its_rule) {
  job::StopRule rule;
  rule.rel_error = 1e-3;
  rule.abs_error = 0.1;
  rule.samples = 77;
  rule.time = milliseconds(2500);
  rule.confidence = 0.9;
  const auto job = quarter_disk(5, sampling::Method::stratified);
  const wire::Submit message = to_submit(*job, rule, -12, 5);
  EXPECT_EQ(message.canonical(), job->canonical());
  EXPECT_EQ(message.priority(), -12);
  EXPECT_EQ(message.data_bytes(), 5u);
  const auto there = rule_from(message.rule());
  ASSERT_TRUE(there);
  EXPECT_EQ(there->rel_error, rule.rel_error);
  EXPECT_EQ(there->abs_error, rule.abs_error);
  EXPECT_EQ(there->samples, rule.samples);
  EXPECT_EQ(there->time, rule.time);
  EXPECT_EQ(there->confidence, rule.confidence);
}

TEST(Messages, refuse_a_rule_that_cannot_be) {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const std::vector<std::function<void(wire::StopRule&)>> wrong{
      [](auto& r) { r.Clear(); },
      [](auto& r) { r.set_samples(0); },
      [](auto& r) { r.set_samples(sampling::kMaxSamples + 1); },
      [](auto& r) { r.set_rel_error(-1); },
      [](auto& r) { r.set_rel_error(kNaN); },
      [](auto& r) { r.set_abs_error(kInfinity); },
      [](auto& r) { r.set_confidence(0); },
      [](auto& r) { r.set_confidence(1); },
      [](auto& r) { r.set_confidence(kNaN); },
      [](auto& r) { r.set_time_nanoseconds(std::uint64_t{1} << 63); },
  };
  for (const auto& change : wrong) {
    wire::Submit message = pi_job();
    change(*message.mutable_rule());
    EXPECT_FALSE(rule_from(message.rule())) << message.rule().SerializeAsString();
  }
  EXPECT_TRUE(rule_from(pi_job().rule()));
}

// ---- Answers ----

struct Case {
  std::shared_ptr<const job::Job> job;
  std::uint64_t samples = 0;
};

std::vector<Case> cases() {
  const std::vector<DataSet> data{{"points", {}, {{1, 2, 3}, {4, 5, 6}}}};
  const auto job = [&](const std::string& text, const Settings& settings) {
    return job::Job::from_arguments({text}, settings, data);
  };
  using sampling::Method;
  using sampling::NonFinite;
  return {
      {quarter_disk(), 100'000},
      {quarter_disk(2, Method::stratified), 200'000},
      {job("a*exp(-b)+c; a*b, a~normal(5,0.1), b~uniform(1,2), c=3, corr(a,b)=0.4", {}), 50'000},
      {job("x*y, x~data(points,1), y~data(points,2)", {}), 10'000},
      {job("1/(x>0.1), x~uniform(0,1)", {Method::plain, 1, NonFinite::skip}), 10'000},
      {job("1/(x>0.1), x=0..1", {Method::plain, 1, NonFinite::fail}), 10'000},
      {job("a+b^2, a~normal(0,1), b~normal(0,1)", {Method::plain, 1, NonFinite::fail, true}),
       20'000},
      {job("3", {}), 1000},
      {job("exp(50*x), x~normal(0,5)", {}), 100'000},
  };
}

EndedJob run(const Case& c) {
  Scene scene;
  scene.join("a", 2);
  scene.join("b", 2);
  const JobNumber number = scene.submit(c.job, job::samples_rule(c.samples));
  scene.run();
  EndedJob ended = *scene.queue.find(number)->ended;
  EXPECT_FALSE(ended.answer.job) << "it would be kept";
  ended.answer.job = c.job;
  return ended;
}

std::string json(const EndedJob& ended) {
  Result result = job::make_result(ended.answer, ended.rule, {{0.1, 0.5}, 0.9, 20});
  result.seconds = ended.seconds;
  return report::to_json(result);
}

TEST(Messages, carry_all_that_a_result_is_made_of) {
  for (const Case& c : cases()) {
    const EndedJob here = run(c);
    const std::string bytes = answer_bytes(here);
    for (const auto& own : {std::shared_ptr<const job::Job>(), c.job}) {
      const EndedJob there = answer_from(bytes, own);
      EXPECT_EQ(json(there), json(here)) << c.job->canonical();
      EXPECT_EQ(there.rule.samples, here.rule.samples);
    }
  }
}

TEST(Messages, take_no_answer_for_that_of_another_job) {
  const std::string bytes = answer_bytes(run({quarter_disk(1), 20'000}));
  EXPECT_THROW(answer_from(bytes, quarter_disk(2)), Error);
}

// Whatever is cut off or changed: an error, or the answer; nothing worse.
TEST(Messages, survive_an_answer_that_is_cut_or_changed) {
  for (const Case& c : cases()) {
    const EndedJob here = run(c);
    const std::string bytes = answer_bytes(here);
    const std::size_t step = 1 + bytes.size() / 100;
    const auto try_with = [&](const std::string& changed) {
      try {
        const EndedJob there = answer_from(changed, c.job);
        json(there);
      } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::network) << error.what();
      }
    };
    for (std::size_t i = 0; i < bytes.size(); i += step) {
      try_with(bytes.substr(0, i));
      for (const char flip : {'\x01', '\x80', '\x7f'}) {
        std::string changed = bytes;
        changed[i] = static_cast<char>(changed[i] ^ flip);
        try_with(changed);
      }
    }
  }
}

TEST(Messages, refuse_an_answer_that_cannot_be_its_jobs) {
  const auto job = cases()[2].job;
  wire::Answer right;
  ASSERT_TRUE(right.ParseFromString(answer_bytes(run({job, 50'000}))));
  ASSERT_NO_THROW(answer_from(right.SerializeAsString(), job));
  using Change = std::function<void(wire::Answer&)>;
  const std::vector<Change> wrong{
      [](auto& a) { a.mutable_passes(0)->set_samples(50'001); },
      [](auto& a) { a.mutable_passes(0)->set_samples(0); },
      [](auto& a) { a.mutable_passes(0)->set_plan("x"); },
      [](auto& a) { *a.add_passes() = a.passes(0); },
      [](auto& a) { a.mutable_passes(0)->mutable_tally()->clear_others(); },
      [](auto& a) { a.mutable_passes(0)->mutable_tally()->clear_shapes(); },
      [](auto& a) { a.mutable_passes(0)->mutable_tally()->clear_strata(); },
      [](auto& a) { a.mutable_passes(0)->mutable_tally()->mutable_strata(0)->set_mean(1e9); },
      [](auto& a) {
        a.mutable_passes(0)->mutable_tally()->mutable_shapes(0)->mutable_bin_count()->RemoveLast();
      },
      [](auto& a) { a.set_reason(wire::Answer::STOP_REASON_UNSPECIFIED); },
      [](auto& a) { a.mutable_rule()->set_confidence(2); },
      [](auto& a) { a.set_seconds(std::numeric_limits<double>::quiet_NaN()); },
      [](auto& a) { a.set_canonical("method plain\nseed 1\nestimate x\n"); },
  };
  for (std::size_t i = 0; i < wrong.size(); ++i) {
    wire::Answer changed = right;
    wrong[i](changed);
    EXPECT_THROW(answer_from(changed.SerializeAsString(), job), Error) << i;
  }
}

}  // namespace
}  // namespace oche::host
