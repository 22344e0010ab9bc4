#include "chapter/endpoint.h"

#include <gtest/gtest.h>
#include <netinet/in.h>

#include <string>

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

}  // namespace
}  // namespace oche::chapter
