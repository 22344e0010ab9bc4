#include "wire/address.h"

#include <gtest/gtest.h>

#include "oche/error.h"

namespace oche::wire {
namespace {

std::string parsed(std::string_view text, AddressUse use = AddressUse::dial) {
  return to_string(parse_address(text, use));
}

TEST(Address, is_read_in_all_its_forms) {
  EXPECT_EQ(parsed("lab7"), "lab7:11267");
  EXPECT_EQ(parsed("lab7.example.org:80"), "lab7.example.org:80");
  EXPECT_EQ(parsed("127.0.0.1:65535"), "127.0.0.1:65535");
  EXPECT_EQ(parsed("[::1]:5"), "[::1]:5");
  EXPECT_EQ(parsed("[::1]"), "[::1]:11267");
  EXPECT_EQ(parsed("::1"), "[::1]:11267");
  EXPECT_EQ(parsed("fe80::1:2"), "[fe80::1:2]:11267");
  EXPECT_EQ(parsed("127.0.0.1:0", AddressUse::listen), "127.0.0.1:0");
  EXPECT_EQ(to_string(parse_address("h", AddressUse::dial, 41267)), "h:41267");
}

TEST(Address, is_refused_with_a_reason) {
  for (const std::string_view text :
       {std::string_view(""), std::string_view(":80"), std::string_view("h:"),
        std::string_view("h:65536"), std::string_view("h:-1"), std::string_view("h:+1"),
        std::string_view("h:8o"), std::string_view("h: 80"), std::string_view("h:0"),
        std::string_view("h:99999999999999999999"), std::string_view("[::1"),
        std::string_view("[::1]80"), std::string_view("[]:80"), std::string_view("a b"),
        std::string_view("h\0h:1", 5), std::string_view("\xc3\xa9"),
        std::string_view("http://h")}) {
    try {
      parse_address(text, AddressUse::dial);
      ADD_FAILURE() << "accepted: " << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::usage);
      EXPECT_NE(std::string(error.what()).find("); "), std::string::npos) << error.what();
    }
  }
}

TEST(Address, of_a_megabyte_is_refused_in_one_short_line) {
  try {
    parse_address(std::string(1'000'000, 'h'), AddressUse::dial);
    FAIL();
  } catch (const Error& error) {
    EXPECT_LT(std::string(error.what()).size(), 300U);
  }
}

}  // namespace
TEST(Address, network_is_the_address_or_64_bits_of_it) {
  EXPECT_EQ(network_of("192.0.2.7:4000"), "192.0.2.7");
  EXPECT_EQ(network_of("[2001:db8:1:2:3:4:5:6]:4000"), "2001:db8:1:2::/64");
  EXPECT_EQ(network_of("[::1]:4000"), "::/64");
}

}  // namespace oche::wire
