// stream_words ORDER [SEED]: writes the words of the streams to standard output, eight bytes each,
// least significant first, until nobody reads them. For test batteries that read raw bits:
//
//   stream_words samples | dieharder -a -g 200
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "streams/words.h"

namespace {

int usage() {
  std::fprintf(stderr, "usage: stream_words ORDER [SEED]\nan order is one of:");
  for (const auto& order : oche::streams::orders()) {
    std::fprintf(stderr, " %s", std::string(order.name).c_str());
  }
  std::fprintf(stderr, "\n");
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) return usage();
  const std::uint64_t seed = argc == 3 ? std::strtoull(argv[2], nullptr, 10) : 1;
  for (const auto& order : oche::streams::orders()) {
    if (order.name != argv[1]) continue;
    const auto words = oche::streams::ordered_words(&oche::random::bits, order.order, seed);
    std::array<std::uint8_t, 65536> buffer;
    do {
      for (std::size_t i = 0; i < buffer.size(); i += 8) {
        const std::uint64_t word = words->next();
        for (unsigned byte = 0; byte < 8; ++byte) {
          buffer[i + byte] = static_cast<std::uint8_t>(word >> (8 * byte));
        }
      }
    } while (std::fwrite(buffer.data(), 1, buffer.size(), stdout) == buffer.size());
    return 0;
  }
  return usage();
}
