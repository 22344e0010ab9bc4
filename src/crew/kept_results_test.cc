#include "crew/kept_results.h"

#include <gtest/gtest.h>

namespace oche::crew {
namespace {

const std::string kJob(32, 'J');

wire::Result result(std::uint64_t lease, std::uint64_t index, std::uint32_t pass = 1) {
  wire::Result message;
  message.set_lease(lease);
  message.set_fingerprint(kJob);
  message.set_pass(pass);
  message.set_level(3);
  message.set_index(index);
  message.set_compute_nanoseconds(1000 + index);
  return message;
}

wire::Lease lease(std::uint64_t number, std::uint64_t index) {
  wire::Lease message;
  message.set_lease(number);
  message.set_fingerprint(kJob);
  message.set_pass(1);
  message.set_level(3);
  message.set_index(index);
  return message;
}

std::vector<std::uint64_t> indices(const std::vector<wire::Offer>& offers) {
  std::vector<std::uint64_t> out;
  for (const wire::Offer& offer : offers) out.push_back(offer.index());
  return out;
}

TEST(KeptResults, offers_what_was_not_answered_and_what_came_after_the_end) {
  KeptResults results(10, 10'000);
  results.send(result(1, 100));
  results.send(result(2, 101));
  results.answered(1);
  EXPECT_TRUE(results.offers(kJob, 1).empty()) << "the session goes on";
  results.end_session();
  results.keep(result(3, 102));
  const std::vector<wire::Offer> offers = results.offers(kJob, 1);
  EXPECT_EQ(indices(offers), (std::vector<std::uint64_t>{101, 102}));
  EXPECT_EQ(offers.front().fingerprint(), kJob);
  EXPECT_EQ(offers.front().pass(), 1U);
  EXPECT_EQ(offers.front().level(), 3U);
  EXPECT_TRUE(results.offers(std::string(32, 'K'), 1).empty()) << "another job";
  EXPECT_EQ(results.offers(kJob, 1).size(), 2U) << "offered until they are lent";
}

TEST(KeptResults, gives_each_once_under_its_new_number) {
  KeptResults results(10, 10'000);
  results.keep(result(1, 100));
  EXPECT_FALSE(results.take(lease(7, 99)));
  wire::Lease other = lease(7, 100);
  other.set_level(2);
  EXPECT_FALSE(results.take(other));
  const auto taken = results.take(lease(7, 100));
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->lease(), 7U);
  EXPECT_EQ(taken->compute_nanoseconds(), 1100U);
  EXPECT_FALSE(results.take(lease(8, 100)));
  results.send(*taken);
  results.end_session();
  EXPECT_EQ(results.offers(kJob, 1).size(), 1U) << "not answered either";
}

TEST(KeptResults, drops_the_oldest_and_those_of_passes_that_are_over) {
  KeptResults results(3, 10'000);
  for (std::uint64_t i = 0; i < 5; ++i) results.keep(result(i, i));
  EXPECT_EQ(indices(results.offers(kJob, 1)), (std::vector<std::uint64_t>{2, 3, 4}));
  EXPECT_TRUE(results.offers(kJob, 2).empty());
  EXPECT_TRUE(results.offers(kJob, 1).empty());

  const std::size_t size = result(0, 0).ByteSizeLong();
  KeptResults small(100, 2 * size + size / 2);
  for (std::uint64_t i = 1; i < 5; ++i) small.keep(result(i, i));
  EXPECT_EQ(indices(small.offers(kJob, 1)), (std::vector<std::uint64_t>{3, 4}));
  EXPECT_TRUE(small.take(lease(9, 3)));
  small.keep(result(5, 5));
  EXPECT_EQ(indices(small.offers(kJob, 1)), (std::vector<std::uint64_t>{4, 5}));
}

}  // namespace
}  // namespace oche::crew
