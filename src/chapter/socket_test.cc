#include "chapter/socket.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "oche/error.h"

namespace oche::chapter {
namespace {

using namespace std::chrono_literals;

// One connection on this computer: the system completes it without anybody in accept().
struct Pair {
  explicit Pair(const char* host)
      : server(listen_at(listening_address({host, 0}, Reach::loopback_only), 1)),
        client(connect_to({host, server.local_address().port()}, Reach::loopback_only)),
        accepted(server.accept()) {}
  Socket server;
  Socket client;
  Accepted accepted;
};

std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::network) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "no Error";
  return "";
}

class SocketOf : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(BothVersions, SocketOf, testing::Values("127.0.0.1", "::1"));

TEST_P(SocketOf, carries_what_is_sent_both_ways) {
  Pair pair(GetParam());
  pair.client.send("this is alpha");
  EXPECT_EQ(pair.accepted.socket.recv(80), "this is alpha");
  pair.accepted.socket.send(std::string("nul\0byte", 8));
  EXPECT_EQ(pair.client.recv(80), std::string("nul\0byte", 8));
  EXPECT_EQ(pair.accepted.address.host(), GetParam());
  EXPECT_EQ(pair.accepted.address.port(), pair.client.local_address().port());
}

TEST(Socket, receives_at_most_what_it_is_asked_for) {
  Pair pair("127.0.0.1");
  pair.client.send(std::string(81, 'a'));
  EXPECT_EQ(pair.accepted.socket.recv(80).size(), 80u);
  EXPECT_EQ(pair.accepted.socket.recv(80).size(), 1u);
}

TEST(Socket, receives_nothing_after_the_peer_shut_down_its_sending) {
  Pair pair("127.0.0.1");
  pair.client.send("last words");
  pair.client.shutdown(Socket::Direction::sending);
  EXPECT_FALSE(pair.accepted.socket.peer_has_left());  // there is something to receive yet
  EXPECT_EQ(pair.accepted.socket.recv(80), "last words");
  EXPECT_EQ(pair.accepted.socket.recv(80), "");
  EXPECT_TRUE(pair.accepted.socket.peer_has_left());
  pair.accepted.socket.send("still heard");
  EXPECT_EQ(pair.client.recv(80), "still heard");
}

TEST(Socket, tells_whether_there_is_something_to_receive) {
  Pair pair("127.0.0.1");
  EXPECT_FALSE(pair.accepted.socket.wait_readable(0ms));
  EXPECT_FALSE(pair.accepted.socket.peer_has_left());
  pair.client.send("x");
  EXPECT_TRUE(pair.accepted.socket.wait_readable(10s));
  pair.client.close();
  EXPECT_EQ(pair.accepted.socket.recv(80), "x");
  EXPECT_TRUE(pair.accepted.socket.wait_readable(10s));
  EXPECT_TRUE(pair.accepted.socket.peer_has_left());
}

TEST(Socket, sends_all_of_a_long_text) {
  Pair pair("127.0.0.1");
  const std::string text(50'000, 'z');
  pair.client.send(text);
  pair.client.close();
  std::string received;
  for (std::string part; !(part = pair.accepted.socket.recv(1000)).empty();) received += part;
  EXPECT_EQ(received, text);
}

TEST(Socket, closes_without_a_reset_after_dropping_what_came_too_late) {
  Pair pair("127.0.0.1");
  pair.client.send("more than anybody wants");
  ASSERT_TRUE(pair.accepted.socket.wait_readable(10s));
  pair.accepted.socket.send("reply");
  pair.accepted.socket.discard_received();
  pair.accepted.socket.close();
  EXPECT_EQ(pair.client.recv(80), "reply");
  EXPECT_EQ(pair.client.recv(80), "");
}

TEST(Socket, reports_a_peer_that_reset_the_connection) {
  Pair pair("127.0.0.1");
  pair.client.send("never received");
  ASSERT_TRUE(pair.accepted.socket.wait_readable(10s));
  pair.accepted.socket.close();  // with bytes pending: a reset
  ASSERT_TRUE(pair.client.wait_readable(10s));
  EXPECT_NE(message_of([&] { pair.client.recv(80); }).find(pair.client.peer()), std::string::npos);
  // And a send is an Error as well, not a signal that ends the program.
  message_of([&] { pair.client.send("hello?"); });
}

TEST(Socket, reports_that_nobody_listens) {
  Socket server = listen_at(listening_address({"127.0.0.1", 0}, Reach::loopback_only), 1);
  const std::uint16_t port = server.local_address().port();
  server.close();
  const std::string message =
      message_of([&] { connect_to({"127.0.0.1", port}, Reach::loopback_only); });
  EXPECT_NE(message.find("connection failed"), std::string::npos) << message;
  EXPECT_NE(message.find("127.0.0.1:" + std::to_string(port)), std::string::npos) << message;
}

TEST(Socket, reports_a_port_in_use) {
  Socket server = listen_at(listening_address({"127.0.0.1", 0}, Reach::loopback_only), 1);
  const Endpoint taken = server.local_address();
  const std::string message = message_of([&] { listen_at(taken, 1); });
  EXPECT_NE(message.find(to_string(taken)), std::string::npos) << message;
}

TEST(Socket, can_be_moved_and_closed_twice) {
  Pair pair("127.0.0.1");
  Socket moved = std::move(pair.client);
  moved.send("moved");
  EXPECT_EQ(pair.accepted.socket.recv(80), "moved");
  moved.close();
  moved.close();
  EXPECT_EQ(pair.accepted.socket.recv(80), "");
}

TEST(ConnectTo, refuses_other_computers_unless_told) {
  try {
    connect_to({"192.0.2.1", 11267}, Reach::loopback_only);  // TEST-NET-1 of RFC 5737
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    EXPECT_NE(std::string(error.what()).find("--insecure"), std::string::npos);
  }
}

}  // namespace
}  // namespace oche::chapter
