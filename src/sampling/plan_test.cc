#include "sampling/plan.h"

#include <gtest/gtest.h>

#include <string>

#include "base/bytes.h"

namespace oche::sampling {
namespace {

Plan some_plan() {
  Plan plan;
  plan.pass = 7;
  plan.log2_cells = {2, 0, 1};
  plan.allocation = {1, 2, 3, 4, 5, 6, 0, 8};
  return plan;
}

std::string with_header(std::uint32_t pass, std::uint64_t dimensions, const std::string& cells,
                        std::uint64_t strata) {
  ByteWriter out;
  out.u32(pass);
  out.u64(dimensions);
  out.raw(cells);
  out.u64(strata);
  return out.bytes();
}

TEST(PlanBytes, make_the_plan_again) {
  const Plan plan = some_plan();
  const auto again = Plan::from_bytes(plan.bytes(), 3);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->pass, 7u);
  EXPECT_EQ(again->log2_cells, plan.log2_cells);
  EXPECT_EQ(again->allocation, plan.allocation);
  EXPECT_EQ(again->bytes(), plan.bytes());
  EXPECT_EQ(again->samples(), 29u);
  const Plan plain;
  ASSERT_TRUE(Plan::from_bytes(plain.bytes(), 0));
  EXPECT_FALSE(Plan::from_bytes(plain.bytes(), 0)->stratified());
}

// The layout of the header, written down by hand.
TEST(PlanBytes, are_the_documented_layout) {
  Plan plan;
  plan.pass = 0x01020304;
  plan.log2_cells = {1};
  plan.allocation = {5, 0x0102};
  EXPECT_EQ(plan.bytes(), std::string("\x04\x03\x02\x01"
                                      "\x01\0\0\0\0\0\0\0"
                                      "\x01"
                                      "\x02\0\0\0\0\0\0\0"
                                      "\x05\0\0\0\0\0\0\0"
                                      "\x02\x01\0\0\0\0\0\0",
                                      37));
}

TEST(PlanBytes, are_refused_when_cut_short_or_too_long) {
  const std::string bytes = some_plan().bytes();
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    EXPECT_FALSE(Plan::from_bytes(bytes.substr(0, n), 3)) << n;
  }
  EXPECT_FALSE(Plan::from_bytes(bytes + '\0', 3));
}

TEST(PlanBytes, are_refused_when_they_are_no_plan) {
  EXPECT_FALSE(Plan::from_bytes(some_plan().bytes(), 2));  // cuts more dimensions than there are
  EXPECT_FALSE(Plan::from_bytes(with_header(0, 1, "\x01", 3), 3)) << "strata are not 2^1";
  EXPECT_FALSE(Plan::from_bytes(with_header(0, 1, "\x0b", 2048), 3)) << "2^11 strata";
  EXPECT_FALSE(Plan::from_bytes(with_header(0, 2, "\xff\xff", 1), 3));
  EXPECT_FALSE(Plan::from_bytes(with_header(0, 1, "\x01", 0), 3)) << "cut, without strata";
  EXPECT_FALSE(Plan::from_bytes(with_header(0, ~std::uint64_t{0}, "", 0), 3));
  EXPECT_FALSE(Plan::from_bytes(with_header(0, 0, "", ~std::uint64_t{0}), 3));
  EXPECT_FALSE(Plan::from_bytes(std::string(64, '\xff'), 3));
  EXPECT_FALSE(Plan::from_bytes("", 3));
}

TEST(PlanBytes, are_refused_when_their_samples_are_too_many_or_none) {
  Plan plan = some_plan();
  plan.allocation.assign(8, 0);
  EXPECT_FALSE(Plan::from_bytes(plan.bytes(), 3)) << "no samples";
  plan.allocation[3] = kMaxSamples;
  EXPECT_TRUE(Plan::from_bytes(plan.bytes(), 3));
  plan.allocation[4] = 1;
  EXPECT_FALSE(Plan::from_bytes(plan.bytes(), 3)) << "2^53 + 1";
  plan.allocation.assign(8, std::uint64_t{1} << 61);  // their sum is 2^64, which is 0
  EXPECT_FALSE(Plan::from_bytes(plan.bytes(), 3));
  plan.allocation.assign(8, ~std::uint64_t{0});
  EXPECT_FALSE(Plan::from_bytes(plan.bytes(), 3));
}

TEST(PlanHash, depends_on_every_field) {
  const Plan plan = some_plan();
  Plan other = plan;
  other.pass = 8;
  EXPECT_NE(other.hash(), plan.hash());
  other = plan;
  other.log2_cells = {1, 1, 1};
  EXPECT_NE(other.hash(), plan.hash());
  other = plan;
  std::swap(other.allocation[0], other.allocation[1]);
  EXPECT_NE(other.hash(), plan.hash());
}

TEST(Method, is_named_as_on_the_command_line) {
  EXPECT_EQ(method_from("plain"), Method::plain);
  EXPECT_EQ(method_from("stratified"), Method::stratified);
  EXPECT_FALSE(method_from("Plain"));
  EXPECT_FALSE(method_from(""));
  EXPECT_STREQ(to_string(Method::stratified), "stratified");
}

}  // namespace
}  // namespace oche::sampling
