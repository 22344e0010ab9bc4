#include "chapter/mersenne_twister.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace oche::chapter {
namespace {

TEST(MersenneTwister, gives_the_words_of_its_authors_test_output) {
  // The first and the last words of mt19937ar.out, which its authors publish beside mt19937ar.c:
  // init_by_array({0x123, 0x234, 0x345, 0x456}).
  MersenneTwister random({0x123, 0x234, 0x345, 0x456});
  for (const std::uint32_t word : {1067595299u, 955945823u, 477289528u, 4107218783u, 4228976476u}) {
    EXPECT_EQ(random.next_word(), word);
  }
  for (int i = 5; i < 999; ++i) random.next_word();
  EXPECT_EQ(random.next_word(), 3460025646u);
}

TEST(MersenneTwister, gives_the_numbers_of_python_for_each_seed) {
  std::ifstream file(OCHE_SOURCE_DIR "/src/chapter/data/cpython_random.txt");
  ASSERT_TRUE(file);
  int seeds = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("#")) continue;
    std::istringstream fields(line);
    std::string seed, hex;
    fields >> seed;
    const auto key = seed_key(seed);
    ASSERT_TRUE(key) << seed;
    MersenneTwister random(*key);
    const auto expected = [&] {
      fields >> hex;
      return std::strtod(hex.c_str(), nullptr);
    };
    for (int i = 0; i < 3; ++i) EXPECT_EQ(random.next_double(), expected()) << seed;
    for (int i = 3; i < 699; ++i) random.next_double();
    EXPECT_EQ(random.next_double(), expected()) << seed;
    EXPECT_EQ(random.uniform(-1, 1), expected()) << seed;
    EXPECT_TRUE(fields);
    ++seeds;
  }
  EXPECT_EQ(seeds, 13);
}

TEST(SeedKey, is_the_absolute_value_in_words_of_32_bits) {
  using Key = std::vector<std::uint32_t>;
  EXPECT_EQ(seed_key("0"), Key{0});
  EXPECT_EQ(seed_key("-1"), Key{1});
  EXPECT_EQ(seed_key("+7"), Key{7});
  EXPECT_EQ(seed_key("4294967295"), Key{0xFFFFFFFF});
  EXPECT_EQ(seed_key("4294967296"), (Key{0, 1}));
  EXPECT_EQ(seed_key("18446744073709551616"), (Key{0, 0, 1}));
  EXPECT_EQ(seed_key(" 12\r\n"), Key{12});
}

TEST(SeedKey, refuses_what_is_no_whole_number) {
  using namespace std::string_literals;
  for (const std::string& text : {""s, " "s, "-"s, "1.5"s, "1e3"s, "abc"s, "nan"s, "0x10"s, "1 2"s,
                                  "--1"s, "1\0"s, "\xff"s}) {
    EXPECT_FALSE(seed_key(text)) << text;
  }
}

}  // namespace
}  // namespace oche::chapter
