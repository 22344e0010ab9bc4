#include "job/job.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <set>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "math/numerics.h"
#include "oche/error.h"

namespace oche::job {
namespace {

using sampling::Method;

std::shared_ptr<const Job> pi(std::uint64_t seed = 1, Method method = Method::plain) {
  return Job::from_arguments({"4*(x^2 + y^2 <= 1)", "x=0..1", "y = 0..1.0"}, method, seed);
}

TEST(Job, has_one_text_for_all_spellings) {
  EXPECT_EQ(pi()->canonical(), "method plain\nseed 1\nestimate 4*(x^2+y^2<=1), x=0..1, y=0..1\n");
  const auto other = Job::from_arguments({"4*(x**2+y**2<=1.0), x=0..1, y=0..1"}, Method::plain, 1);
  EXPECT_EQ(other->canonical(), pi()->canonical());
  EXPECT_EQ(other->fingerprint(), pi()->fingerprint());
}

TEST(Job, is_the_same_after_a_journey_as_text) {
  const std::vector<std::vector<std::string>> all = {
      {"4*(x^2+y^2<=1)", "x=0..1", "y=0..1"},
      {"-x", "x=-inf..inf"},
      {"2"},
      {"if(a<b and not c==1, exp(a), -b^-c)", "a~normal(0,1)", "b~uniform(-1,2)", "c=3",
       "d=a..inf"},
  };
  for (const auto& arguments : all) {
    for (const Method method : {Method::plain, Method::stratified}) {
      for (const std::uint64_t seed : {std::uint64_t{0}, std::uint64_t{1}, ~std::uint64_t{0}}) {
        const auto job = Job::from_arguments(arguments, method, seed);
        const auto again = Job::from_canonical(job->canonical());
        EXPECT_EQ(again->canonical(), job->canonical());
        EXPECT_EQ(again->fingerprint(), job->fingerprint());
        EXPECT_EQ(again->seed(), seed);
        EXPECT_EQ(again->method(), method);
        EXPECT_EQ(again->dimensions(), job->dimensions());
        EXPECT_EQ(again->chunk_samples(), job->chunk_samples());
        EXPECT_EQ(again->scale(), job->scale());
      }
    }
  }
}

TEST(Job, has_another_fingerprint_for_anything_of_its_identity) {
  std::set<Hash256> fingerprints = {
      pi()->fingerprint(),
      pi(2)->fingerprint(),
      pi(1, Method::stratified)->fingerprint(),
      Job::from_arguments({"4*(x^2+y^2<1)", "x=0..1", "y=0..1"}, Method::plain, 1)->fingerprint(),
      Job::from_arguments({"4*(x^2+y^2<=1)", "x=0..1", "y=0..2"}, Method::plain, 1)->fingerprint(),
      Job::from_arguments({"4*(x^2+y^2<=1)", "y=0..1", "x=0..1"}, Method::plain, 1)->fingerprint(),
      Job::from_arguments({"4*(x^2+y^2<=1)", "x~uniform(0,1)", "y=0..1"}, Method::plain, 1)
          ->fingerprint(),
  };
  EXPECT_EQ(fingerprints.size(), 7u);
}

TEST(Job, has_a_fingerprint_of_numerics_and_text) {
  ByteWriter out;
  out.u32(kNumerics);
  out.raw("method plain\nseed 1\nestimate 4*(x^2+y^2<=1), x=0..1, y=0..1\n");
  EXPECT_EQ(pi()->fingerprint(), sha256(out.bytes()));
}

TEST(Job, refuses_text_that_is_not_canonical) {
  const std::vector<std::string> texts = {
      "",
      "method plain\n",
      "method plain\nseed 1\n",
      "method plain\nseed 1\nestimate x, x=0..1",      // no end of the line
      "method plain\nseed 1\nestimate x, x=0..1\n\n",  // one more
      "method plain\nseed 1\nestimate x, x=0..1\nmore\n",
      "method plain\nseed 1\nestimate x,  x=0..1\n",   // a space
      "method plain\nseed 1\nestimate x, x=0..1.0\n",  // a number
      "method plain\nseed 1\nestimate (x), x=0..1\n",  // brackets
      "method plain\nseed 01\nestimate x, x=0..1\n",
      "method plain\nseed +1\nestimate x, x=0..1\n",
      "method plain\nseed -1\nestimate x, x=0..1\n",
      "method plain\nseed 1 \nestimate x, x=0..1\n",
      "method plain\nseed \nestimate x, x=0..1\n",
      "method plain\nseed 18446744073709551616\nestimate x, x=0..1\n",
      "method Plain\nseed 1\nestimate x, x=0..1\n",
      "seed 1\nmethod plain\nestimate x, x=0..1\n",
      "methodplain\nseed 1\nestimate x, x=0..1\n",
      "method plain\r\nseed 1\r\nestimate x, x=0..1\r\n",
      std::string(kMaxCanonicalBytes + 1, 'x'),
      std::string("method plain\nseed 1\nestimate x\0, x=0..1\n", 40),
  };
  for (const std::string& text : texts) {
    try {
      Job::from_canonical(text);
      ADD_FAILURE() << text.substr(0, 80) << " was accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::usage) << text.substr(0, 80);
    }
  }
  EXPECT_NO_THROW(Job::from_canonical("method plain\nseed 1\nestimate x, x=0..1\n"));
}

TEST(Job, describes_a_sample_of_many_inputs_by_the_first_of_them) {
  const auto job = Job::from_arguments({"x[1]", "x[1..23]=0..1"}, sampling::Method::plain, 1);
  const std::string text = job->describe_sample({}, 0);
  EXPECT_NE(text.find(", x[20]="), std::string::npos) << text;
  EXPECT_EQ(text.find("x[21]"), std::string::npos) << text;
  EXPECT_TRUE(text.ends_with(" and 3 more")) << text;
}

TEST(Job, says_where_a_sample_lies) {
  const auto job = Job::from_arguments({"x+y", "x=0..1", "y=2", "z=-1..1"}, Method::plain, 1);
  const std::string text = job->describe_sample({}, 5);
  const sampling::PassContext pass(job->integrand(), 1, job->chunk_samples(), {});
  const std::vector<double> u = sampling::uniforms_at(pass, 5);
  double x = 0;
  double z = 0;
  ASSERT_EQ(std::sscanf(text.c_str(), "x=%lf, y=2, z=%lf", &x, &z), 2) << text;
  EXPECT_EQ(x, u[0]);
  EXPECT_EQ(z, std::fma(2.0, u[1], -1.0));
  const SamplePoint point = job->sample_point({}, 5);
  ASSERT_EQ(point.inputs.size(), 3u);
  EXPECT_EQ(point.inputs[1].input, "y");
  EXPECT_EQ(point.inputs[1].value, 2);
  EXPECT_EQ(point.values[0], x + 2);
}

TEST(Job, knows_that_it_is_constant) {
  EXPECT_TRUE(Job::from_arguments({"2", "x=0..3"}, Method::plain, 1)->is_constant());
  EXPECT_FALSE(pi()->is_constant());
}

}  // namespace
}  // namespace oche::job
