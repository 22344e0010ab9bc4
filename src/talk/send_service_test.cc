#include "talk/send_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "oche/error.h"
#include "wire/listener.h"
#include "wire/testing.h"

namespace oche::talk {
namespace {

using ::testing::HasSubstr;

// A host that takes messages and never gives a receipt.
struct Silent {
  Silent() {
    thread.call([this] {
      wire::ListenTerms terms;
      terms.services = {wire::Service::send};
      listener = std::make_unique<wire::Listener>(thread.loop(), wire::Address{"127.0.0.1", 0},
                                                  std::move(terms), wire::ListenCallbacks{});
    });
  }
  ~Silent() {
    thread.call([this] { listener.reset(); });
  }

  wire::testing::LoopThread thread;
  std::unique_ptr<wire::Listener> listener;
};

std::string failure(const Silent& host, const std::string& to) {
  try {
    send_one({"127.0.0.1", host.listener->port()}, to, "Hello!", nullptr,
             std::chrono::milliseconds(1));
  } catch (const Error& error) {
    return error.what();
  }
  ADD_FAILURE() << "sent";
  return {};
}

TEST(Send, does_not_wait_for_ever_for_a_receipt) {
  const Silent host;
  EXPECT_THAT(failure(host, ""), HasSubstr("gave no receipt in time"));
}

TEST(Send, says_that_a_name_is_too_long_for_a_message) {
  const Silent host;
  EXPECT_THAT(failure(host, std::string(70'000, 'n')), HasSubstr("name to send to is too long"));
}

}  // namespace
}  // namespace oche::talk
