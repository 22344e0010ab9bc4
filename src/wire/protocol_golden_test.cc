// Binds the program to docs/PROTOCOL.md: the bytes printed there, which were made by an encoder
// written for the purpose and not by ours, the table of who sends what, and the limits.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "wire/handshake.h"
#include "wire/message.h"

namespace oche::wire {
namespace {

std::string read_document() {
  std::ifstream in(OCHE_SOURCE_DIR "/docs/PROTOCOL.md");
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// The frames of the document's last block, by their names.
std::map<std::string, std::string> golden_frames() {
  const std::string document = read_document();
  const std::size_t begin = document.find("```golden\n");
  if (begin == std::string::npos) return {};
  std::istringstream block(document.substr(begin + 10));
  std::map<std::string, std::string> frames;
  std::string name;
  for (std::string line; std::getline(block, line) && line != "```";) {
    std::istringstream words(line);
    std::string word;
    if (line.front() != ' ') words >> name;
    while (words >> word) frames[name].push_back(static_cast<char>(std::stoi(word, nullptr, 16)));
  }
  return frames;
}

std::string thirty_two_bytes(int first) {
  std::string bytes;
  for (int i = 0; i < 32; ++i) bytes.push_back(static_cast<char>(first + i));
  return bytes;
}

const std::string kF = thirty_two_bytes(0);
const std::string kH = thirty_two_bytes(32);

Hello hello() {
  DialTerms terms;
  terms.service = Service::work;
  terms.numerics = 3;
  terms.name = "lab7";
  terms.slots = 8;
  terms.build = "oche 0.1.0";
  return make_hello(terms);
}

Welcome welcome() {
  ListenTerms terms;
  terms.services = {Service::work};
  terms.numerics = 3;
  terms.build = "oche 0.1.0";
  return make_welcome(std::get<Peer>(judge_hello(hello(), terms)), terms);
}

Goodbye goodbye() {
  Goodbye message;
  message.set_reason(Goodbye::FINISHED);
  message.set_text("all is done");
  return message;
}

Message job() {
  Job message;
  message.set_canonical("4*(x^2+y^2<=1)");
  message.set_fingerprint(kF);
  return message;
}

Message plan() {
  Plan message;
  message.set_fingerprint(kF);
  message.set_pass(1);
  message.set_plan("\x01\x02\x03");
  message.set_hash(kH);
  return message;
}

Message lease() {
  Lease message;
  message.set_lease(7);
  message.set_fingerprint(kF);
  message.set_pass(1);
  message.set_level(3);
  message.set_index(300);
  message.set_pass_samples(10'000'000);
  message.set_numerics(3);
  return message;
}

Message revoke() {
  Revoke message;
  message.set_lease(7);
  return message;
}

Message result() {
  Result message;
  message.set_lease(7);
  message.set_fingerprint(kF);
  message.set_pass(1);
  message.set_level(3);
  message.set_index(300);
  Stratum& stratum = *message.mutable_tally()->add_strata();
  stratum.set_stratum(5);
  stratum.set_count(1000);
  stratum.set_mean(3.140625);
  stratum.set_second_central_moment(2.5);
  stratum.set_minimum(0.0);
  stratum.set_maximum(4.0);
  stratum.set_non_finite(1);
  stratum.set_first_non_finite_sample(2401);
  message.set_compute_nanoseconds(1'500'000);
  return message;
}

Message accepted() {
  Accepted message;
  message.set_lease(7);
  message.set_verdict(Accepted::ACCEPTED);
  return message;
}

Message job_refused() {
  JobRefused message;
  message.set_fingerprint(kF);
  message.set_text("unknown function");
  return message;
}

Message offer() {
  Offer message;
  message.set_fingerprint(kF);
  message.set_pass(1);
  message.set_level(3);
  message.set_index(300);
  return message;
}

Message talk_join() {
  TalkJoin message;
  message.set_as(2);
  message.set_of(3);
  message.set_ring("lab");
  return message;
}

Message talk_ready() {
  TalkReady message;
  message.set_position(2);
  message.set_of(3);
  message.set_limit(1073741824);
  return message;
}

Message talk_broken() {
  TalkBroken message;
  message.set_position(2);
  message.set_name("lab7");
  message.set_text("left (it is gone)");
  return message;
}

Message message_begin() {
  MessageBegin message;
  message.set_size(6);
  return message;
}

Message message_piece() {
  MessagePiece message;
  message.set_data("Hello!");
  return message;
}

Message credit() {
  Credit message;
  message.set_bytes(22);
  return message;
}

Message send_to() {
  SendTo message;
  message.set_to("lab7");
  return message;
}

Message receive_as() {
  ReceiveAs message;
  message.set_name("lab7");
  return message;
}

Message send_ready() {
  SendReady message;
  message.set_peer("lab8");
  message.set_limit(1073741824);
  return message;
}

Message submit() {
  Submit message;
  message.set_canonical("4*(x^2+y^2<=1)");
  message.set_data_bytes(24);
  message.mutable_rule()->set_rel_error(0.001);
  message.mutable_rule()->set_samples(10'000'000);
  message.mutable_rule()->set_confidence(0.95);
  message.set_priority(-3);
  return message;
}

Message submit_data() {
  SubmitData message;
  message.set_data("\x01\x02\x03");
  return message;
}

Message submitted() {
  Submitted message;
  message.set_job(7);
  return message;
}

Message declined() {
  Declined message;
  message.set_reason(Declined::LIMIT);
  message.set_text("too many jobs");
  message.set_job(7);
  return message;
}

Message fetch() {
  Fetch message;
  message.set_job(7);
  return message;
}

Message progress() {
  Progress message;
  message.set_job(7);
  message.set_state(JOB_RUNNING);
  message.set_ahead(1);
  message.set_workers(2);
  message.set_samples(1000);
  message.set_seconds(1.5);
  message.set_has_estimate(true);
  message.set_estimate(3.140625);
  message.set_half_width(0.25);
  message.set_seconds_left(2.5);
  return message;
}

Message answer_part() {
  AnswerPart message;
  message.set_job(7);
  message.set_part("\x01\x02\x03");
  message.set_last(true);
  return message;
}

Message cancel() {
  Cancel message;
  message.set_job(7);
  return message;
}

Message job_list() {
  JobList message;
  JobList::Line& line = *message.add_jobs();
  line.set_job(7);
  line.set_state(JOB_RUNNING);
  line.set_priority(-3);
  line.set_client("ada");
  line.set_text("1/x");
  line.set_samples(1000);
  line.set_workers(2);
  line.set_seconds(1.5);
  message.set_last(true);
  return message;
}

Message worker_list() {
  WorkerList message;
  WorkerList::Line& line = *message.add_workers();
  line.set_name("lab7");
  line.set_address("127.0.0.1:50312");
  line.set_cores(8);
  line.set_job(7);
  line.set_chunks(300);
  line.set_seconds(1.5);
  line.set_draining(true);
  message.set_last(true);
  return message;
}

Message drain() {
  Drain message;
  message.set_worker("lab7");
  return message;
}

TEST(Protocol, is_spoken_as_published) {
  const std::map<std::string, std::string> published = golden_frames();
  std::map<std::string, std::string> ours{
      {"hello", encode(hello())},
      {"welcome", encode(welcome())},
      {"refusal", encode(make_refusal({RefusalReason::numerics_differ, "numerics differ"}))},
      {"heartbeat", encode(Heartbeat{})},
      {"goodbye", encode(goodbye())},
  };
  for (const Message& message : {job(),
                                 plan(),
                                 lease(),
                                 revoke(),
                                 result(),
                                 accepted(),
                                 job_refused(),
                                 offer(),
                                 talk_join(),
                                 talk_ready(),
                                 talk_broken(),
                                 message_begin(),
                                 message_piece(),
                                 Message(MessageEnd{}),
                                 Message(InputEnd{}),
                                 credit(),
                                 Message(Receipt{}),
                                 send_to(),
                                 receive_as(),
                                 send_ready(),
                                 submit(),
                                 submit_data(),
                                 submitted(),
                                 declined(),
                                 Message(fetch()),
                                 progress(),
                                 answer_part(),
                                 cancel(),
                                 Message(ListJobs{}),
                                 job_list(),
                                 Message(ListWorkers{}),
                                 worker_list(),
                                 drain(),
                                 Message(Done{})}) {
    ours[std::string(to_string(frame_type_of(message)))] = encode(message).value();
  }
  EXPECT_EQ(ours, published);
}

TEST(Protocol, is_understood_as_published) {
  const std::map<std::string, std::string> published = golden_frames();
  ASSERT_EQ(published.size(), 39U);
  for (const auto& [name, bytes] : published) {
    FrameDecoder decoder(kMaxOpeningFrame);
    decoder.feed(bytes);
    const std::optional<Frame> frame = decoder.next();
    ASSERT_TRUE(frame) << name;
    EXPECT_EQ(to_string(frame->type), name);
    EXPECT_EQ(decoder.held(), 0U);
    const std::optional<Message> message = decode(*frame);
    EXPECT_EQ(message.has_value(), static_cast<int>(frame->type) >= 16) << name;
    if (message) {
      EXPECT_EQ(encode(*message), bytes) << name;
    }
  }
}

TEST(Protocol, has_the_published_limits) {
  const std::string document = read_document();
  const auto has = [&](const std::string& text) {
    EXPECT_NE(document.find(text), std::string::npos) << text;
  };
  has("**" + std::to_string(kMaxOpeningFrame) + "** before the first accepted message");
  has("**" + std::to_string(kMaxFrame) + "** after");
  has("**" + std::to_string(kMaxJobFrame) + "** for a worker");
  has("lends 1 to " + std::to_string(kMaxSlots) + " cores");
  has("1 to " + std::to_string(kMaxNameBytes) + " bytes");
  has("**" + std::to_string(kHandshakeDeadline.count()) + " seconds**");
  has("(" + std::to_string(kHeartbeatPeriod.count()) + " ms unless");
  has(std::to_string(kMinHeartbeatPeriod.count()) + " to " +
      std::to_string(kMaxHeartbeatPeriod.count()) + ")");
  has("**" + std::to_string(kWriteDeadline.count()) + " seconds**");
  has("**" + std::to_string(kMaxQueuedBytes / 1024 / 1024) + " MiB**");
  has("1 to " + std::to_string(kMaxPieceBytes) + " bytes of data");
  has("cost " + std::to_string(kFrameCost) + " and its data");
  has("**" + std::to_string(kWindow) + "** of credit");
  has("at once (" + std::to_string(kMaxPendingHandshakes) + ")");
}

TEST(Protocol, has_the_published_types) {
  const std::string document = read_document();
  for (int number = 1; number < 256; ++number) {
    const auto type = frame_type(static_cast<std::uint8_t>(number));
    // "| 18 | Lease |": the message is named like the type, in PascalCase.
    std::string row = "\n| " + std::to_string(number) + " | ";
    if (!type) {
      EXPECT_EQ(document.find(row), std::string::npos) << number;
      continue;
    }
    bool upper = true;
    for (const char c : to_string(*type)) {
      if (c != '_') row.push_back(upper ? static_cast<char>(c - 'a' + 'A') : c);
      upper = c == '_';
    }
    const std::size_t at = document.find(row + " | ");
    ASSERT_NE(at, std::string::npos) << row;
    // The last column is the longest payload.
    const std::string line = document.substr(at + 1, document.find('\n', at + 1) - at - 1);
    EXPECT_TRUE(line.ends_with("| " + std::to_string(max_payload(*type)) + " |")) << line;
  }
}

}  // namespace
}  // namespace oche::wire
