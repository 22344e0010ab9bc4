#include "talk/mail.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "oche/error.h"
#include "wire/listener.h"
#include "wire/testing.h"

namespace oche::talk {
namespace {

using ::testing::HasSubstr;

// A host that takes whom it gets and says nothing, or what it is told to.
struct Host {
  explicit Host(std::vector<wire::Message> answers = {}) {
    thread.call([&] {
      wire::ListenTerms terms;
      terms.services = {wire::Service::send};
      wire::ListenCallbacks callbacks;
      callbacks.on_open = [answers](const std::shared_ptr<wire::Connection>& connection) {
        for (const wire::Message& answer : answers) connection->send(answer);
      };
      listener = std::make_unique<wire::Listener>(thread.loop(), wire::Address{"127.0.0.1", 0},
                                                  std::move(terms), std::move(callbacks));
    });
  }
  ~Host() {
    thread.call([this] { listener.reset(); });
  }

  std::string failure_of_sender(const std::string& to = {}, Duration answer = kAnswerDeadline,
                                const Source& source = {"Hello!", 0, Cut::whole}) const {
    SenderOptions options;
    options.host = {"127.0.0.1", listener->port()};
    options.to = to;
    options.answer = answer;
    try {
      send_one(options, source);
    } catch (const Error& error) {
      return error.what();
    }
    ADD_FAILURE() << "sent";
    return {};
  }
  // Of one that has said nothing of its message yet, and has all the time that there is.
  std::string failure_of_silent_sender() const {
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    const std::string failure =
        failure_of_sender({}, kAnswerDeadline, Source{{}, ends[0], Cut::whole});
    ::close(ends[0]);
    ::close(ends[1]);
    return failure;
  }

  wire::testing::LoopThread thread;
  std::unique_ptr<wire::Listener> listener;
};

wire::Message ready(std::uint64_t limit) {
  wire::SendReady message;
  message.set_limit(limit);
  return message;
}

wire::Message credit(std::uint64_t bytes) {
  wire::Credit message;
  message.set_bytes(bytes);
  return message;
}

TEST(Sender, does_not_wait_for_ever_for_an_answer) {
  const Duration soon = std::chrono::milliseconds(1);
  EXPECT_THAT(Host().failure_of_sender({}, soon), HasSubstr("gave none in time"));
  EXPECT_THAT(Host({ready(100)}).failure_of_sender({}, soon), HasSubstr("gave none in time"));
}

TEST(Sender, says_that_a_name_is_too_long_for_a_message) {
  EXPECT_THAT(Host().failure_of_sender(std::string(70'000, 'n')), HasSubstr("too long"));
}

TEST(Sender, says_that_its_message_is_above_the_limit) {
  EXPECT_THAT(Host({ready(5)}).failure_of_sender(), HasSubstr("a message of 6 bytes is too long"));
}

TEST(Sender, believes_no_receipt_that_comes_too_early_and_no_credit_that_it_has) {
  EXPECT_THAT(Host({wire::Receipt{}}).failure_of_silent_sender(), HasSubstr("broke the protocol"));
  EXPECT_THAT(Host({ready(100), wire::Receipt{}}).failure_of_silent_sender(),
              HasSubstr("broke the protocol"));
  EXPECT_THAT(Host({ready(100), credit(1)}).failure_of_silent_sender(), HasSubstr("credit"));
  EXPECT_THAT(Host({ready(100), ready(100)}).failure_of_silent_sender(),
              HasSubstr("second receiver"));
}

}  // namespace
}  // namespace oche::talk
