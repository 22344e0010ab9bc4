// Senders and receivers at one service, over real connections: they are the functions of mail.h on
// threads.
#include "talk/send_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <future>
#include <memory>

#include "oche/error.h"
#include "talk/mail.h"
#include "wire/listener.h"
#include "wire/testing.h"

namespace oche::talk {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kReceived[] = "";

class Host {
 public:
  explicit Host(const SendLimits& limits = {}) {
    thread_.call([&] {
      service_ = std::make_unique<SendService>(
          thread_.loop(), limits,
          lines_of([this](std::string_view note) { notes_.put(std::string(note)); }));
      wire::ListenTerms terms;
      terms.services = {wire::Service::send};
      wire::ListenCallbacks callbacks;
      callbacks.on_open = [this](std::shared_ptr<wire::Connection> connection) {
        service_->take(std::move(connection));
      };
      listener_ = std::make_unique<wire::Listener>(thread_.loop(), wire::Address{"127.0.0.1", 0},
                                                   std::move(terms), std::move(callbacks));
    });
  }
  ~Host() {
    thread_.call([this] {
      listener_.reset();
      service_.reset();
    });
  }
  // The next note that has that text.
  std::string wait_for(const std::string& text) {
    for (;;) {
      const std::string note = notes_.take();
      if (note.find(text) != std::string::npos) return note;
    }
  }
  void close_all() {
    thread_.call([this] { service_->close_all(wire::GoodbyeReason::stopping, "the host stops"); });
  }

  // What a receiver gets, or the error.
  std::future<std::string> receive(const std::string& name, int descriptor = -1) {
    const wire::Address address{"127.0.0.1", listener_->port()};
    return std::async(std::launch::async, [=]() -> std::string {
      std::FILE* const file = std::tmpfile();
      std::string got;
      try {
        const int to = descriptor == -1 ? fileno(file) : descriptor;
        receive_at(address, name, {to, false}, [](std::string_view) {});
        got.resize(static_cast<std::size_t>(::lseek(fileno(file), 0, SEEK_END)));
        EXPECT_EQ(::pread(fileno(file), got.data(), got.size(), 0),
                  static_cast<ssize_t>(got.size()));
      } catch (const Error& error) {
        got = error.what();
      }
      std::fclose(file);
      return got;
    });
  }
  // kReceived, or the error.
  std::string send(const std::string& to, const Source& source) {
    SenderOptions options;
    options.host = {"127.0.0.1", listener_->port()};
    options.name = "sender";
    options.to = to;
    try {
      send_one(options, source);
      return kReceived;
    } catch (const Error& error) {
      return error.what();
    }
  }
  std::string send(const std::string& to, const std::string& text) {
    return send(to, Source{text, 0, Cut::whole});
  }

 private:
  wire::testing::Mailbox<std::string> notes_;
  wire::testing::LoopThread thread_;
  std::unique_ptr<SendService> service_;
  std::unique_ptr<wire::Listener> listener_;
};

TEST(SendService, brings_a_message_to_a_name_and_a_receipt_back) {
  Host host;
  auto first = host.receive("lab7");
  host.wait_for("waits for a message as 'lab7'");
  auto second = host.receive("lab8");
  host.wait_for("waits for a message as 'lab8'");
  const std::string much(1'000'000, 'm');
  EXPECT_EQ(host.send("lab8", much), kReceived);
  EXPECT_EQ(second.get(), much);
  EXPECT_EQ(host.send("lab7", ""), kReceived);
  EXPECT_EQ(first.get(), "");
  EXPECT_THAT(host.send("lab7", "again"), HasSubstr("nobody of that name waits here"));
}

TEST(SendService, keeps_a_receiver_from_one_that_has_nothing_to_say) {
  SendLimits limits;
  limits.messages.message_bytes = 5;
  Host host(limits);
  auto receiver = host.receive("lab7");
  host.wait_for("waits for a message");
  EXPECT_THAT(host.send("lab7", "123456"), HasSubstr("a message of 6 bytes is too long"));
  EXPECT_EQ(host.send("lab7", "12345"), kReceived);
  EXPECT_EQ(receiver.get(), "12345");
}

TEST(SendService, gives_no_receipt_for_what_was_not_written) {
  Host host;
  std::FILE* const full = std::fopen("/dev/full", "w");
  ASSERT_NE(full, nullptr);
  auto receiver = host.receive("lab7", fileno(full));
  host.wait_for("waits for a message");
  EXPECT_THAT(host.send("lab7", "hello"),
              ::testing::AllOf(HasSubstr("the receiver left ("), HasSubstr("can't be written")));
  EXPECT_THAT(receiver.get(), StartsWith("the message can't be written"));
  std::fclose(full);
}

TEST(SendService, tells_a_receiver_that_the_sender_failed_in_its_message) {
  SendLimits limits;
  limits.messages.message_bytes = 100'000;
  Host host(limits);
  auto receiver = host.receive("lab7");
  host.wait_for("waits for a message");
  // Of a pipe the size isn't known before.
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  auto writer = std::async(std::launch::async, [&] {
    const std::string much(200'000, 'm');
    [[maybe_unused]] const ssize_t n = ::write(ends[1], much.data(), much.size());
    ::close(ends[1]);
  });
  EXPECT_THAT(host.send("lab7", Source{{}, ends[0], Cut::whole}),
              HasSubstr("too long (the limit there is 100000"));
  EXPECT_THAT(receiver.get(), HasSubstr("the sender left ("));
  for (char drain[4096]; ::read(ends[0], drain, sizeof drain) > 0;) {
  }
  writer.get();
  ::close(ends[0]);
}

TEST(SendService, turns_a_second_receiver_of_a_name_away) {
  Host host;
  auto first = host.receive("lab7");
  host.wait_for("waits for a message");
  EXPECT_THAT(host.receive("lab7").get(), HasSubstr("somebody waits under that name already"));
  host.close_all();
  EXPECT_THAT(first.get(), HasSubstr("the host stops"));
}

TEST(SendService, takes_no_name_that_can_not_be_shown) {
  Host host;
  EXPECT_THAT(host.receive(std::string(65, 'n')).get(), HasSubstr("at most 64 bytes"));
  EXPECT_THAT(host.receive("a\x1b").get(), HasSubstr("printable"));
}

}  // namespace
}  // namespace oche::talk
