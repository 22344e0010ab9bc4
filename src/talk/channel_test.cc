#include "talk/channel.h"

#include <gtest/gtest.h>

namespace oche::talk {
namespace {

constexpr std::uint64_t kLimit = 100'000;

TEST(Channel, counts_what_is_sent_until_it_is_given_back) {
  Channel channel(kLimit);
  EXPECT_EQ(channel.credit(), wire::kWindow);
  EXPECT_FALSE(channel.take(Begin{}));
  EXPECT_FALSE(channel.take(Piece{1000}));
  EXPECT_EQ(channel.held(), 1000 + 2 * wire::kFrameCost);
  EXPECT_FALSE(channel.give_back(900));
  EXPECT_EQ(channel.held(), 100 + 2 * wire::kFrameCost);
  EXPECT_EQ(channel.give_back(0), ChannelFault::wrong_credit);
  EXPECT_EQ(channel.give_back(101 + 2 * wire::kFrameCost), ChannelFault::wrong_credit);
}

TEST(Channel, lets_no_more_wait_than_the_window) {
  Channel channel(1'000'000);
  EXPECT_FALSE(channel.take(Begin{}));
  while (!channel.take(Piece{wire::kMaxPieceBytes})) EXPECT_LE(channel.held(), wire::kWindow);
  EXPECT_EQ(channel.take(Piece{wire::kMaxPieceBytes}), ChannelFault::no_credit);
  // To the last bit of credit.
  const std::size_t rest = channel.credit() - wire::kFrameCost;
  EXPECT_EQ(channel.take(Piece{rest + 1}), ChannelFault::no_credit);
  EXPECT_FALSE(channel.take(Piece{rest}));
  EXPECT_EQ(channel.credit(), 0U);
  EXPECT_EQ(channel.take(End{}), ChannelFault::no_credit);
  EXPECT_FALSE(channel.give_back(wire::kFrameCost));
  EXPECT_FALSE(channel.take(End{}));
}

TEST(Channel, expects_no_sender_to_go_on_without_credit_for_two_pieces) {
  Channel channel(1'000'000);
  EXPECT_FALSE(channel.can_go_on());
  EXPECT_FALSE(channel.take(Begin{}));
  EXPECT_TRUE(channel.can_go_on());
  while (channel.credit() >= kEnoughCredit) {
    EXPECT_TRUE(channel.can_go_on());
    EXPECT_FALSE(channel.take(Piece{wire::kMaxPieceBytes}));
  }
  EXPECT_FALSE(channel.can_go_on());
  EXPECT_TRUE(channel.owes_credit());
}

TEST(Channel, bounds_messages_without_bytes_too) {
  Channel channel(kLimit);
  std::uint64_t sent = 0;
  while (!channel.take(Begin{0}) && !channel.take(End{})) ++sent;
  EXPECT_EQ(sent, wire::kWindow / (2 * wire::kFrameCost));
}

TEST(Channel, keeps_the_order_of_items) {
  Channel channel(kLimit);
  EXPECT_EQ(channel.take(Piece{1}), ChannelFault::no_message);
  EXPECT_EQ(channel.take(End{}), ChannelFault::no_message);
  EXPECT_FALSE(channel.take(Begin{}));
  EXPECT_EQ(channel.take(Begin{}), ChannelFault::in_message);
  EXPECT_EQ(channel.take(InputEnd{}), ChannelFault::in_message);
  EXPECT_FALSE(channel.take(End{}));
  EXPECT_FALSE(channel.take(InputEnd{}));
  EXPECT_TRUE(channel.ended());
  EXPECT_EQ(channel.take(Begin{}), ChannelFault::after_end);
  EXPECT_EQ(channel.take(InputEnd{}), ChannelFault::after_end);
}

TEST(Channel, holds_a_message_to_its_size_and_to_the_limit) {
  Channel channel(10);
  EXPECT_EQ(channel.take(Begin{11}), ChannelFault::above_limit);
  EXPECT_FALSE(channel.take(Begin{}));
  EXPECT_FALSE(channel.take(Piece{10}));
  EXPECT_EQ(channel.take(Piece{1}), ChannelFault::above_limit);
  EXPECT_FALSE(channel.take(End{}));
  EXPECT_FALSE(channel.take(Begin{4}));
  EXPECT_FALSE(channel.take(Piece{3}));
  EXPECT_EQ(channel.take(End{}), ChannelFault::wrong_size);
  EXPECT_EQ(channel.take(Piece{2}), ChannelFault::wrong_size);
  EXPECT_FALSE(channel.take(Piece{1}));
  EXPECT_FALSE(channel.take(End{}));
  EXPECT_FALSE(channel.take(Begin{0}));
  EXPECT_EQ(channel.take(Piece{0}), ChannelFault::bad_piece);
  EXPECT_FALSE(channel.take(End{}));
}

TEST(Channel, takes_no_piece_that_is_too_long) {
  Channel channel(1'000'000);
  EXPECT_FALSE(channel.take(Begin{}));
  EXPECT_EQ(channel.take(Piece{wire::kMaxPieceBytes + 1}), ChannelFault::bad_piece);
}

TEST(Channel, takes_one_message_where_there_is_to_be_one) {
  Channel channel(10, Messages::one);
  EXPECT_FALSE(channel.take(Begin{}));
  EXPECT_FALSE(channel.ended());
  EXPECT_FALSE(channel.take(End{}));
  EXPECT_TRUE(channel.ended());
  EXPECT_EQ(channel.take(Begin{}), ChannelFault::second_message);
}

TEST(Channel, knows_what_a_receiver_may_withhold) {
  Channel channel(kLimit);
  EXPECT_FALSE(channel.owes_credit());
  EXPECT_FALSE(channel.take(Begin{}));
  EXPECT_FALSE(channel.owes_credit());
  EXPECT_FALSE(channel.take(Piece{wire::kMaxPieceBytes}));
  EXPECT_TRUE(channel.owes_credit());
  EXPECT_FALSE(channel.give_back(channel.held() - kMostWithheld));
  EXPECT_FALSE(channel.owes_credit());
  EXPECT_FALSE(channel.take(End{}));
  EXPECT_TRUE(channel.owes_credit());
}

// A peer may send fields that this release doesn't know: they must not travel on its credit.
TEST(KnownPart, drops_what_it_does_not_know) {
  wire::MessagePiece piece;
  piece.set_data("abc");
  const std::string known = piece.SerializeAsString();
  // Field 15, 1000 bytes.
  const std::string unknown = std::string("\x7a\xe8\x07") + std::string(1000, 'u');
  wire::MessagePiece more;
  ASSERT_TRUE(more.ParseFromString(known + unknown));
  const auto passed = known_part(wire::Message(std::move(more)));
  EXPECT_EQ(std::get<wire::MessagePiece>(passed).SerializeAsString(), known);
  wire::MessageEnd end;
  ASSERT_TRUE(end.ParseFromString(unknown));
  EXPECT_EQ(std::get<wire::MessageEnd>(known_part(wire::Message(end))).ByteSizeLong(), 0U);
  wire::MessageBegin begin;
  ASSERT_TRUE(begin.ParseFromString("\x08\x05" + unknown));
  EXPECT_EQ(std::get<wire::MessageBegin>(known_part(wire::Message(begin))).ByteSizeLong(), 2U);
  wire::Credit credit;
  ASSERT_TRUE(credit.ParseFromString("\x08\x05" + unknown));
  EXPECT_EQ(std::get<wire::Credit>(known_part(wire::Message(credit))).ByteSizeLong(), 2U);
}

}  // namespace
}  // namespace oche::talk
