#include "wire/frame.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <new>
#include <vector>

#include "wire/message.h"

// Counts what the program allocates, to prove that a claimed length allocates nothing. Not with
// sanitizers, which have allocation functions of their own: there it stays 0.
namespace {
std::atomic<std::size_t> largest_allocation{0};
}  // namespace

#ifndef OCHE_SANITIZED
namespace {
void* counted(std::size_t size) {
  std::size_t seen = largest_allocation.load();
  while (size > seen && !largest_allocation.compare_exchange_weak(seen, size)) {
  }
  void* memory = std::malloc(size > 0 ? size : 1);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
}  // namespace

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
#endif

namespace oche::wire {
namespace {

using namespace std::string_literals;

std::vector<Frame> drain(FrameDecoder& decoder) {
  std::vector<Frame> frames;
  while (auto frame = decoder.next()) frames.push_back(*std::move(frame));
  return frames;
}

TEST(Frame, is_length_then_type_then_payload) {
  // docs/PROTOCOL.md: the length counts the type and the payload.
  EXPECT_EQ(encode_frame(FrameType::heartbeat, ""), "\x01\x00\x00\x00\x04"s);
  EXPECT_EQ(encode_frame(FrameType::lease, "abc"), "\x04\x00\x00\x00\x12"s + "abc");
  const std::string large = encode_frame(FrameType::job, std::string(0x010203, 'x'));
  EXPECT_EQ(large.substr(0, 5), "\x04\x02\x01\x00\x10"s);
  EXPECT_EQ(large.size(), 5U + 0x010203);
}

TEST(Frame, types_have_the_published_numbers_and_no_others) {
  const std::vector<int> published{1,  2,  3,  4,  5,  16, 17, 18, 19, 20, 21, 22, 23,
                                   32, 33, 35, 40, 41, 42, 43, 44, 49, 50, 51, 52, 64,
                                   65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 77};
  for (int number = 0; number < 256; ++number) {
    const bool is_published = std::count(published.begin(), published.end(), number) > 0;
    const auto type = frame_type(static_cast<std::uint8_t>(number));
    EXPECT_EQ(type.has_value(), is_published) << number;
    EXPECT_EQ(type ? static_cast<int>(*type) : number, number);
  }
}

TEST(FrameDecoder, yields_the_same_frames_for_every_cut_of_the_stream) {
  const std::vector<Frame> sent{{FrameType::hello, "h"},
                                {FrameType::heartbeat, ""},
                                {FrameType::lease, "lease lease"},
                                {FrameType::result, std::string(40, '\0')},
                                {FrameType::goodbye, "g"}};
  std::string stream;
  for (const Frame& frame : sent) stream += encode_frame(frame.type, frame.payload);
  // Every cut into three pieces, asked after each piece.
  for (std::size_t first = 0; first <= stream.size(); ++first) {
    for (std::size_t second = first; second <= stream.size(); ++second) {
      FrameDecoder decoder(kMaxOpeningFrame);
      std::vector<Frame> got;
      for (const auto& piece :
           {stream.substr(0, first), stream.substr(first, second - first), stream.substr(second)}) {
        decoder.feed(piece);
        for (Frame& frame : drain(decoder)) got.push_back(std::move(frame));
      }
      ASSERT_EQ(got, sent) << first << " " << second;
      ASSERT_EQ(decoder.held(), 0U);
      ASSERT_FALSE(decoder.problem());
    }
  }
}

TEST(FrameDecoder, yields_the_same_frames_byte_by_byte_and_all_at_once) {
  std::string stream;
  std::vector<Frame> sent;
  for (int i = 0; i < 1000; ++i) {
    const auto length = static_cast<std::size_t>(i * 37 % 900);
    sent.push_back({FrameType::plan, std::string(length, static_cast<char>(i))});
    stream += encode_frame(sent.back().type, sent.back().payload);
  }
  FrameDecoder at_once(kMaxFrame);
  at_once.feed(stream);
  EXPECT_EQ(drain(at_once), sent);
  FrameDecoder by_byte(kMaxFrame);
  std::vector<Frame> got;
  for (const char byte : stream) {
    by_byte.feed({&byte, 1});
    for (Frame& frame : drain(by_byte)) got.push_back(std::move(frame));
  }
  EXPECT_EQ(got, sent);
}

TEST(FrameDecoder, keeps_half_a_frame_and_says_so) {
  FrameDecoder decoder(kMaxOpeningFrame);
  const std::string frame = encode_frame(FrameType::hello, "hello");
  decoder.feed(frame.substr(0, 7));
  EXPECT_FALSE(decoder.next());
  EXPECT_FALSE(decoder.problem());
  EXPECT_EQ(decoder.held(), 7U);
  decoder.feed(frame.substr(7));
  EXPECT_TRUE(decoder.next());
  EXPECT_EQ(decoder.held(), 0U);
}

TEST(FrameDecoder, accepts_the_limit_and_refuses_one_more_by_the_length_alone) {
  FrameDecoder at_limit(100);
  at_limit.feed(encode_frame(FrameType::job, std::string(99, 'j')));
  EXPECT_TRUE(at_limit.next());
  FrameDecoder above(100);
  above.feed("\x65\x00\x00\x00"s);
  EXPECT_FALSE(above.next());
  ASSERT_TRUE(above.problem());
  EXPECT_EQ(above.problem()->fault, FrameFault::too_long);
  EXPECT_EQ(above.problem()->length, 101U);
  EXPECT_EQ(above.problem()->limit, 100U);
}

TEST(FrameDecoder, judges_each_type_by_its_own_limit_as_soon_as_the_type_is_there) {
  for (int number = 0; number < 256; ++number) {
    const auto type = frame_type(static_cast<std::uint8_t>(number));
    if (!type) continue;
    const std::uint32_t limit = max_payload(*type);
    ASSERT_LT(limit, *type == FrameType::job ? kMaxJobFrame : kMaxFrame);
    FrameDecoder at_limit(kMaxJobFrame);
    at_limit.feed(encode_frame(*type, std::string(limit, 'x')));
    EXPECT_TRUE(at_limit.next());
    if (*type == FrameType::job) continue;  // there the state's limit is the same
    std::string header = encode_frame(FrameType::job, std::string(limit + 1, 'x')).substr(0, 5);
    header[4] = static_cast<char>(number);
    FrameDecoder above(kMaxJobFrame);
    above.feed(header);
    EXPECT_FALSE(above.next());
    ASSERT_TRUE(above.problem()) << number;
    EXPECT_EQ(above.problem()->fault, FrameFault::too_long);
    EXPECT_EQ(above.problem()->limit, limit + 1);
    EXPECT_NE(above.problem()->text().find("of type " + std::string(to_string(*type))),
              std::string::npos);
  }
}

TEST(FrameDecoder, allocates_nothing_for_a_frame_that_claims_4_GiB) {
  for (const std::uint32_t limit : {kMaxOpeningFrame, kMaxFrame, kMaxJobFrame}) {
    FrameDecoder decoder(limit);
    largest_allocation = 0;
    decoder.feed("\xff\xff\xff\xff\x10 and more"s);
    EXPECT_FALSE(decoder.next());
    EXPECT_LT(largest_allocation.load(), 1024U);
    ASSERT_TRUE(decoder.problem());
    EXPECT_EQ(decoder.problem()->length, 4294967295U);
    EXPECT_EQ(decoder.problem()->limit, limit);
    EXPECT_EQ(decoder.held(), 0U);
    EXPECT_NE(decoder.problem()->text().find("4294967295"), std::string::npos);
  }
}

TEST(FrameDecoder, allocates_only_for_bytes_that_came) {
  FrameDecoder decoder(kMaxJobFrame);
  // A claim at the limit, and 1000 bytes of it.
  decoder.feed(encode_frame(FrameType::job, std::string(kMaxJobFrame - 1, 'j')).substr(0, 5));
  largest_allocation = 0;
  for (int i = 0; i < 10; ++i) {
    decoder.feed(std::string(100, 'x'));
    EXPECT_FALSE(decoder.next());
  }
  EXPECT_FALSE(decoder.problem());
  EXPECT_EQ(decoder.held(), 1005U);
  EXPECT_LT(largest_allocation.load(), 4096U);
}

TEST(FrameDecoder, gives_the_memory_of_a_large_frame_back) {
  FrameDecoder decoder(kMaxJobFrame);
  decoder.feed(encode_frame(FrameType::job, std::string(kMaxJobFrame - 1, 'j')));
  ASSERT_TRUE(decoder.next());
  EXPECT_LT(decoder.capacity(), 1024U);
}

TEST(FrameDecoder, stops_at_the_first_problem) {
  FrameDecoder decoder(kMaxOpeningFrame);
  const std::string good = encode_frame(FrameType::heartbeat, "");
  decoder.feed(good + "\x02\x00\x00\x00\x63?"s + good);
  EXPECT_TRUE(decoder.next());
  EXPECT_FALSE(decoder.next());
  ASSERT_TRUE(decoder.problem());
  EXPECT_EQ(decoder.problem()->fault, FrameFault::unknown_type);
  EXPECT_EQ(decoder.problem()->type, 0x63);
  decoder.feed(good);
  EXPECT_FALSE(decoder.next());
  EXPECT_EQ(decoder.held(), 0U);
}

TEST(FrameDecoder, refuses_a_frame_without_room_for_its_type) {
  FrameDecoder decoder(kMaxOpeningFrame);
  decoder.feed("\x00\x00\x00\x00"s);
  EXPECT_FALSE(decoder.next());
  ASSERT_TRUE(decoder.problem());
  EXPECT_EQ(decoder.problem()->fault, FrameFault::empty);
}

TEST(FrameDecoder, judges_a_length_by_the_limit_when_it_is_asked) {
  FrameDecoder decoder(kMaxOpeningFrame);
  decoder.feed(encode_frame(FrameType::hello, "h") +
               encode_frame(FrameType::plan, std::string(5000, 'p')));
  ASSERT_TRUE(decoder.next());
  decoder.set_limit(kMaxFrame);
  EXPECT_TRUE(decoder.next());
}

TEST(Message, comes_back_as_it_went) {
  Result result;
  result.set_lease(7);
  result.set_index(18446744073709551615U);
  Stratum& stratum = *result.mutable_tally()->add_strata();
  stratum.set_mean(-0.0);
  stratum.set_minimum(std::numeric_limits<double>::denorm_min());
  const std::optional<std::string> bytes = encode(Message(result));
  ASSERT_TRUE(bytes);
  FrameDecoder decoder(kMaxFrame);
  decoder.feed(*bytes);
  const std::optional<Message> back = decode(decoder.next().value());
  ASSERT_TRUE(back);
  const Result& got = std::get<Result>(*back);
  EXPECT_EQ(got.SerializeAsString(), result.SerializeAsString());
  EXPECT_TRUE(std::signbit(got.tally().strata(0).mean()));
}

TEST(Message, is_nothing_if_the_payload_is_garbage) {
  // A field 1 of wire type 2 with a length beyond the end; a cut varint; a wire type that isn't
  // one.
  for (const std::string& garbage :
       {"\x0a\x7fxx"s, "\x08\xff"s, "\x0f"s, std::string(50, '\xff')}) {
    for (const FrameType type : {FrameType::job, FrameType::lease, FrameType::result,
                                 FrameType::message_piece, FrameType::receipt}) {
      EXPECT_FALSE(decode({type, garbage})) << to_string(type);
    }
  }
}

TEST(Message, is_nothing_if_text_is_not_utf8) {
  ::testing::internal::CaptureStderr();
  EXPECT_FALSE(decode({FrameType::job, "\x0a\x01\xff"s}));
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");           // a library doesn't print
  EXPECT_TRUE(decode({FrameType::message_piece, "\x0a\x01\xff"s}));  // bytes may be anything
}

TEST(Message, is_nothing_if_the_type_is_the_sessions_own) {
  EXPECT_FALSE(decode({FrameType::hello, ""}));
  EXPECT_FALSE(decode({FrameType::goodbye, ""}));
}

TEST(Message, is_not_encoded_if_it_is_too_long_for_a_frame) {
  const std::uint32_t limit = max_payload(FrameType::message_piece);
  MessagePiece message;
  message.set_data(std::string(limit - 3, 'x'));
  EXPECT_FALSE(encode(Message(message)));
  // Tag (1), length (3) and data.
  message.set_data(std::string(limit - 4, 'x'));
  const std::optional<std::string> bytes = encode(Message(message));
  ASSERT_TRUE(bytes);
  EXPECT_EQ(bytes->size(), kFrameHeaderBytes + limit);
}

// The longest that a program of ours can mean to say.
TEST(Message, fits_its_frame_at_its_longest) {
  constexpr std::uint64_t kMost64 = std::numeric_limits<std::uint64_t>::max();
  constexpr std::uint32_t kMost32 = std::numeric_limits<std::uint32_t>::max();
  Result result;
  result.set_lease(kMost64);
  result.set_fingerprint(std::string(32, 'F'));
  result.set_pass(kMost32);
  result.set_level(kMost32);
  result.set_index(kMost64);
  result.set_compute_nanoseconds(kMost64);
  for (int i = 0; i < 1024; ++i) {  // 2^kMaxLog2Strata of sampling/plan.h
    Stratum& stratum = *result.mutable_tally()->add_strata();
    stratum.set_stratum(kMost32);
    stratum.set_count(kMost64);
    stratum.set_mean(1.5);
    stratum.set_second_central_moment(1.5);
    stratum.set_minimum(1.5);
    stratum.set_maximum(1.5);
    stratum.set_non_finite(kMost64);
    stratum.set_first_non_finite_sample(kMost64);
  }
  EXPECT_EQ(result.ByteSizeLong(), 78931U);  // as max_payload() says
  EXPECT_TRUE(encode(Message(result)));
  Job job;
  job.set_canonical(std::string(512 * 1024, 'c'));  // kMaxCanonicalBytes of job/job.h
  job.set_fingerprint(std::string(32, 'F'));
  EXPECT_EQ(job.ByteSizeLong(), 524326U);
  EXPECT_TRUE(encode(Message(job)));
  Plan plan;
  plan.set_fingerprint(std::string(32, 'F'));
  plan.set_pass(kMost32);
  plan.set_plan(std::string(4 + 8 + 10 + 8 + 1024 * 8, 'p'));
  plan.set_hash(std::string(32, 'H'));
  EXPECT_EQ(plan.ByteSizeLong(), 8299U);
  EXPECT_TRUE(encode(Message(plan)));
  MessagePiece piece;
  piece.set_data(std::string(kMaxPieceBytes, 'm'));
  EXPECT_TRUE(encode(Message(piece)));
  TalkBroken broken;
  broken.set_position(kMost32);
  broken.set_name(std::string(kMaxNameBytes, 'n'));
  broken.set_text(std::string(kMaxTextBytes, 't'));
  EXPECT_TRUE(encode(Message(broken)));
  JobRefused refused;
  refused.set_fingerprint(std::string(32, 'F'));
  refused.set_text(std::string(kMaxTextBytes, 't'));
  EXPECT_EQ(refused.ByteSizeLong(), 1061U);
  EXPECT_TRUE(encode(Message(refused)));
}

// What the services count of a frame is never less than what it is.
TEST(Message, costs_no_more_than_its_credit) {
  MessagePiece piece;
  piece.set_data(std::string(kMaxPieceBytes, 'm'));
  EXPECT_LE(encode(Message(piece))->size(), kMaxPieceBytes + kFrameCost);
  piece.set_data("m");
  EXPECT_LE(encode(Message(piece))->size(), 1 + kFrameCost);
  MessageBegin begin;
  begin.set_size(std::numeric_limits<std::uint64_t>::max());
  EXPECT_LE(encode(Message(begin))->size(), kFrameCost);
}

}  // namespace
}  // namespace oche::wire
