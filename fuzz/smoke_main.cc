// Runs a fuzz target without a fuzzer: on every file of the corpus folder named on the command
// line, on the empty input, and on a fixed number of mutations of them, from a fixed seed, so that
// every run of the tests does the same. What it finds shows as a crash, or as a sanitizer's report.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

namespace {

constexpr int kMutations = 20'000;
// Longer inputs make a mutant more costly than it is worth here.
constexpr std::size_t kLongestMutant = 4096;

// SplitMix64 (Steele, Lea, Flood 2014, section 4): small, and the same everywhere.
class Random {
 public:
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  // In [0, n); n > 0. The bias of the remainder doesn't matter here.
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(next() % n); }

 private:
  std::uint64_t state_ = 1;
};

std::vector<std::string> read_corpus(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<std::string> inputs;
  for (const auto& file : files) {
    std::ifstream in(file, std::ios::binary);
    inputs.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  return inputs;
}

// One to eight small changes: a flipped bit, a byte at a limit of its type, a byte taken out or put
// in, a cut, a piece of another input.
std::string mutate(std::string input, const std::vector<std::string>& corpus, Random& random) {
  static constexpr unsigned char kLimits[] = {0x00, 0x01, 0x7f, 0x80, 0xff,
                                              '(',  ')',  '^',  '.',  'e'};
  for (std::size_t left = 1 + random.below(8); left > 0; --left) {
    if (input.empty()) input = corpus[random.below(corpus.size())];
    if (input.empty()) input = "0";
    const std::size_t at = random.below(input.size());
    switch (random.below(6)) {
      case 0:
        input[at] =
            static_cast<char>(static_cast<unsigned char>(input[at]) ^ (1U << random.below(8)));
        break;
      case 1:
        input[at] = static_cast<char>(kLimits[random.below(std::size(kLimits))]);
        break;
      case 2:
        input.erase(at, 1 + random.below(4));
        break;
      case 3:
        input.insert(at, 1 + random.below(16), static_cast<char>(random.below(256)));
        break;
      case 4:
        input.resize(at);
        break;
      default: {
        const std::string& other = corpus[random.below(corpus.size())];
        if (other.empty()) break;
        const std::size_t from = random.below(other.size());
        input.insert(at, other, from, 1 + random.below(other.size() - from));
      }
    }
    if (input.size() > kLongestMutant) input.resize(kLongestMutant);
  }
  return input;
}

void run(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

int smoke(const std::filesystem::path& folder) {
  std::vector<std::string> corpus = read_corpus(folder);
  if (corpus.empty()) {
    std::fprintf(stderr, "no seeds in %s (a fuzz target has at least one); add some\n",
                 folder.c_str());
    return 1;
  }
  for (const std::string& input : corpus) run(input);
  run("");
  Random random;
  for (int i = 0; i < kMutations; ++i)
    run(mutate(corpus[random.below(corpus.size())], corpus, random));
  std::printf("%zu inputs and %d mutations\n", corpus.size() + 1, kMutations);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s CORPUS_FOLDER\n", argv[0]);
    return 2;
  }
  try {
    return smoke(argv[1]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "an exception left the fuzz target: %s\n", error.what());
    return 1;
  }
}
