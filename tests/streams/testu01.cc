// stream_testu01 ORDER smallcrush|crush|bigcrush [highest|lowest]: a battery of TestU01 (P.
// L'Ecuyer and R. Simard, ACM TOMS 33, 2007) on the streams in an order of their words: on the
// highest 32 of the 52 bits of each word, or on the lowest. Its report goes to standard output.
// Built where CMake finds TestU01, which Debian doesn't have.
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

#include "streams/words.h"

extern "C" {
#include <bbattery.h>
#include <unif01.h>
}

namespace {

// TestU01 calls a function without an argument, so what it draws from is global.
std::unique_ptr<oche::streams::Words> sequence;
unsigned shift = 32;

unsigned int next_word() { return static_cast<unsigned int>(sequence->next() >> shift); }

int usage() {
  std::fprintf(stderr, "usage: stream_testu01 ORDER smallcrush|crush|bigcrush [highest|lowest]\n");
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3 || argc > 4) return usage();
  for (const auto& order : oche::streams::orders()) {
    if (order.name == argv[1]) {
      sequence = oche::streams::ordered_words(&oche::random::bits, order.order, 1);
    }
  }
  const std::string battery = argv[2];
  const std::string end = argc == 4 ? argv[3] : "highest";
  if (sequence == nullptr || (end != "highest" && end != "lowest")) return usage();
  shift = end == "highest" ? 32 : 64 - oche::streams::kBits;
  std::string name = std::string("oche ") + oche::random::kStreamName + ", " + argv[1] + ", " + end;
  unif01_Gen* const generator = unif01_CreateExternGenBits(name.data(), next_word);
  if (battery == "smallcrush") {
    bbattery_SmallCrush(generator);
  } else if (battery == "crush") {
    bbattery_Crush(generator);
  } else if (battery == "bigcrush") {
    bbattery_BigCrush(generator);
  } else {
    unif01_DeleteExternGenBits(generator);
    return usage();
  }
  unif01_DeleteExternGenBits(generator);
  return 0;
}
