// The generator against published answers and against the reference implementation, Random123.
#include "random/ars.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

namespace oche::random {
namespace {

Block block_of(const std::uint32_t* words) {
  return {words[0] | (std::uint64_t{words[1]} << 32), words[2] | (std::uint64_t{words[3]} << 32)};
}

TEST(Ars, gives_the_published_answers) {
  std::ifstream file(OCHE_SOURCE_DIR "/src/random/ars_known_answers.txt");
  int with_seven_rounds = 0;
  int with_ten_rounds = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream fields(line);
    unsigned rounds = 0;
    fields >> rounds >> std::hex;
    std::uint32_t words[12];
    for (std::uint32_t& word : words) fields >> word;
    ASSERT_FALSE(fields.fail()) << line;
    EXPECT_EQ(ars(rounds, block_of(words), block_of(words + 4)), block_of(words + 8)) << line;
    ++(rounds == 7 ? with_seven_rounds : with_ten_rounds);
  }
  EXPECT_EQ(with_ten_rounds, 3);
  EXPECT_EQ(with_seven_rounds, 98);
}

}  // namespace
}  // namespace oche::random
