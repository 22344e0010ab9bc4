#include "wire/address_range.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "oche/error.h"

namespace oche::wire {
namespace {

TEST(AddressRange, holds_what_agrees_in_the_first_bits) {
  const AddressRange all = AddressRange::parse("0.0.0.0/0");
  EXPECT_TRUE(all.contains("203.0.113.7"));
  EXPECT_FALSE(all.contains("::1"));
  const AddressRange odd = AddressRange::parse("10.1.2.3/30");
  EXPECT_TRUE(odd.contains("10.1.2.0"));
  EXPECT_FALSE(odd.contains("10.1.2.4"));
  EXPECT_TRUE(AddressRange::parse("127.0.0.1").contains("127.0.0.1"));
  EXPECT_FALSE(AddressRange::parse("127.0.0.1").contains("127.0.0.2"));
  EXPECT_TRUE(AddressRange::parse("2001:db8::/33").contains("2001:db8:7fff::1"));
  EXPECT_FALSE(AddressRange::parse("2001:db8::/33").contains("2001:db8:8000::1"));
}

TEST(AddressRange, refuses_what_is_none) {
  for (const char* text : {"", "/8", "127.0.0.1/33", "::1/129", "127.0.0.1/", "127.0.0.1/-1",
                           "127.0.0.1/8x", "localhost", "1.2.3", "127.0.0.1/8/8"}) {
    EXPECT_THROW(AddressRange::parse(text), Error) << text;
  }
}

TEST(AddressRange, takes_a_mapped_address_for_the_one_that_it_is) {
  EXPECT_TRUE(AddressRange::parse("10.0.0.0/8").contains("::ffff:10.9.8.7"));
  EXPECT_FALSE(AddressRange::parse("10.0.0.0/8").contains("::ffff:11.9.8.7"));
  EXPECT_TRUE(AddressRange::parse("::ffff:10.0.0.0/104").contains("10.9.8.7"));
  EXPECT_FALSE(AddressRange::parse("::ffff:10.0.0.0/104").contains("11.0.0.1"));
  EXPECT_FALSE(AddressRange::parse("::/0").contains("10.0.0.1"));
  EXPECT_THROW(AddressRange::parse("::ffff:10.0.0.0/95"), Error);
}

TEST(AllowList, lets_everybody_in_where_nothing_is_said) {
  AllowList list;
  EXPECT_TRUE(list.permits(Service::work, "203.0.113.7"));
  list.add("work=10.0.0.0/8");
  EXPECT_FALSE(list.permits(Service::work, "203.0.113.7"));
  EXPECT_TRUE(list.permits(Service::work, "10.0.0.1"));
  EXPECT_TRUE(list.permits(Service::talk, "203.0.113.7"));
}

TEST(AllowList, lets_in_who_is_in_one_of_the_ranges) {
  AllowList list;
  list.add("192.0.2.0/24");
  list.add("estimate=2001:db8::/32");
  EXPECT_TRUE(list.permits(Service::estimate, "2001:db8::1"));
  EXPECT_TRUE(list.permits(Service::estimate, "192.0.2.1"));
  EXPECT_FALSE(list.permits(Service::work, "2001:db8::1"));
  EXPECT_FALSE(list.permits(Service::estimate, "192.0.3.1"));
  EXPECT_FALSE(list.permits(Service::estimate, "not an address"));
}

TEST(AllowList, refuses_a_service_that_is_none) {
  AllowList list;
  EXPECT_THROW(list.add("works=10.0.0.0/8"), Error);
  EXPECT_THROW(list.add("=10.0.0.0/8"), Error);
  EXPECT_THROW(list.add("work="), Error);
}

}  // namespace
}  // namespace oche::wire
