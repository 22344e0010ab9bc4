#include "wire/key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace oche::wire {
namespace {

using ::testing::StartsWith;

Key example() {
  Key key{{KeyRole::work, "lab7"}, {}};
  for (std::size_t i = 0; i < kSecretBytes; ++i) key.secret[i] = static_cast<std::uint8_t>(i);
  return key;
}

// The secret by Python: base64.urlsafe_b64encode(bytes(range(32))).rstrip(b"=").
constexpr char kExample[] = "oche1.work.lab7.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

TEST(Key, is_a_line_of_text) {
  EXPECT_EQ(to_text(example()), kExample);
  EXPECT_EQ(key_from_text(kExample), example());
  EXPECT_EQ(key_from_text(std::string("  ") + kExample + " \r\n"), example());
}

TEST(Key, uses_the_digits_of_urls) {
  Key key = example();
  key.secret.fill(0xff);  // Python: '_' 42 times, then '8'
  EXPECT_EQ(to_text(key), "oche1.work.lab7." + std::string(42, '_') + "8");
  EXPECT_EQ(key_from_text(to_text(key)), key);
}

TEST(Key, is_refused_in_any_other_form) {
  const std::string good = kExample;
  EXPECT_EQ(key_from_text(""), std::nullopt);
  EXPECT_EQ(key_from_text("oche2" + good.substr(5)), std::nullopt);
  EXPECT_EQ(key_from_text(good.substr(0, good.size() - 1)), std::nullopt);
  EXPECT_EQ(key_from_text(good + "A"), std::nullopt);
  EXPECT_EQ(key_from_text(good.substr(0, good.size() - 1) + "9"), std::nullopt)
      << "bits that are left over are 0";
  EXPECT_EQ(key_from_text("oche1.works.lab7" + good.substr(15)), std::nullopt);
  EXPECT_EQ(key_from_text("oche1.work." + good.substr(15)), std::nullopt);
  EXPECT_EQ(key_from_text("oche1.work.la b" + good.substr(15)), std::nullopt);
  EXPECT_EQ(key_from_text(good + " " + good), std::nullopt);
  std::string with_zero = good;
  with_zero[20] = '\0';
  EXPECT_EQ(key_from_text(with_zero), std::nullopt);
}

TEST(Key, name_is_short_and_plain) {
  EXPECT_TRUE(is_key_name("lab-7_B"));
  EXPECT_TRUE(is_key_name(std::string(kMaxKeyNameBytes, 'a')));
  EXPECT_FALSE(is_key_name(std::string(kMaxKeyNameBytes + 1, 'a')));
  EXPECT_FALSE(is_key_name(""));
  EXPECT_FALSE(is_key_name("-x")) << "it would be taken for an option";
  EXPECT_FALSE(is_key_name("a.b"));
  EXPECT_FALSE(is_key_name("ä"));
}

TEST(Key, is_new_each_time) {
  EXPECT_NE(make_key(KeyRole::work, "a").secret, make_key(KeyRole::work, "a").secret);
}

TEST(Key, is_for_one_service) {
  const Service services[] = {Service::work, Service::estimate, Service::talk, Service::send};
  for (const Service service : services) {
    EXPECT_TRUE(permits(KeyRole::own, service));
    int good = 0;
    for (const KeyRole role : {KeyRole::work, KeyRole::estimate, KeyRole::talk, KeyRole::send}) {
      good += permits(role, service) ? 1 : 0;
      EXPECT_EQ(permits(role, service), to_string(role) == to_string(service));
    }
    EXPECT_EQ(good, 1);
  }
}

}  // namespace
}  // namespace oche::wire
