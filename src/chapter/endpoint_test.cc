#include "chapter/endpoint.h"

#include <gtest/gtest.h>
#include <netinet/in.h>

#include <string>

#include "chapter/address_range.h"
#include "oche/error.h"

namespace oche::chapter {
namespace {

Endpoint numeric(const std::string& host, std::uint16_t port = 49158) {
  return resolve({host, port}).front();
}

TEST(Endpoint, is_printed_as_python_prints_it) {
  EXPECT_EQ(python_tuple(numeric("127.0.0.1")),
            "('127.0.0.1', 49158)");  // the chapter's transcript
  EXPECT_EQ(python_tuple(numeric("::1")), "('::1', 49158, 0, 0)");
}

TEST(Endpoint, is_printed_as_it_is_typed) {
  EXPECT_EQ(to_string(numeric("127.0.0.1")), "127.0.0.1:49158");
  EXPECT_EQ(to_string(numeric("::1")), "[::1]:49158");
}

TEST(Endpoint, knows_loopback) {
  for (const char* host : {"127.0.0.1", "127.255.0.9", "::1", "::ffff:127.0.0.1"}) {
    EXPECT_TRUE(numeric(host).is_loopback()) << host;
  }
  for (const char* host : {"0.0.0.0", "128.0.0.1", "::", "::2", "::ffff:10.0.0.1", "fe80::1"}) {
    EXPECT_FALSE(numeric(host).is_loopback()) << host;
  }
}

TEST(ListeningAddress, refuses_what_others_can_reach_unless_told) {
  for (const char* host : {"0.0.0.0", "::", "192.0.2.1"}) {
    try {
      listening_address({host, 0}, Reach::loopback_only);
      FAIL() << host;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::usage);
      EXPECT_NE(std::string(error.what()).find("--insecure"), std::string::npos);
    }
    EXPECT_EQ(listening_address({host, 0}, Reach::anywhere).host(), host);
  }
  EXPECT_EQ(listening_address({"127.0.0.1", 0}, Reach::loopback_only).host(), "127.0.0.1");
}

TEST(Resolve, reports_a_name_that_nobody_has) {
  try {
    resolve({"no-such-name.invalid", 1});  // RFC 2606: never exists
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::network);
  }
}

TEST(AddressRange, holds_what_agrees_in_the_first_bits) {
  const AddressRange all = AddressRange::parse("0.0.0.0/0");
  EXPECT_TRUE(all.contains(numeric("203.0.113.7")));
  EXPECT_FALSE(all.contains(numeric("::1")));
  const AddressRange odd = AddressRange::parse("10.1.2.3/30");
  EXPECT_TRUE(odd.contains(numeric("10.1.2.0")));
  EXPECT_FALSE(odd.contains(numeric("10.1.2.4")));
  EXPECT_TRUE(AddressRange::parse("127.0.0.1").contains(numeric("127.0.0.1")));
  EXPECT_FALSE(AddressRange::parse("127.0.0.1").contains(numeric("127.0.0.2")));
  EXPECT_TRUE(AddressRange::parse("2001:db8::/33").contains(numeric("2001:db8:7fff::1")));
  EXPECT_FALSE(AddressRange::parse("2001:db8::/33").contains(numeric("2001:db8:8000::1")));
}

TEST(AddressRange, refuses_what_is_none) {
  for (const char* text : {"", "/8", "127.0.0.1/33", "::1/129", "127.0.0.1/", "127.0.0.1/-1",
                           "127.0.0.1/8x", "localhost", "1.2.3", "127.0.0.1/8/8"}) {
    EXPECT_THROW(AddressRange::parse(text), Error) << text;
  }
}

}  // namespace
}  // namespace oche::chapter
