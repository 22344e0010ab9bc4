// mc4pi2.py and mc4pi_client.py: pi by darts, on one server and N clients; and exercise 3, the same
// for ln(2).
//
// What goes over a connection: the server sends the client's seed in decimal, the client sends the
// fraction of its darts that hit, as Python prints a float.
#ifndef OCHE_CHAPTER_MONTE_CARLO_H_
#define OCHE_CHAPTER_MONTE_CARLO_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "chapter/console.h"
#include "chapter/endpoint.h"
#include "chapter/mersenne_twister.h"
#include "chapter/socket.h"

namespace oche::chapter {

enum class Quantity {
  pi,   // four times the fraction of darts in the unit square that land in the quarter disk
  ln2,  // the fraction of darts in [1, 2] x [0, 1] that land under 1/x
};

// The chapter's client throws 10^7 darts.
inline constexpr std::uint64_t kChapterSamples = 10'000'000;
inline constexpr std::uint64_t kMostTextSamples = 1'000'000'000'000;
inline constexpr std::size_t kMostTextWorkers = 1000;

// Waits for `clients` clients, sends them the seeds 1, 2, … in their order of arrival, and prints
// the estimate from what they send back. Throws Error (network).
void serve_estimate(Socket server, Quantity quantity, std::size_t clients, Console& console);

// The client's whole life: a seed in, `samples` darts, a fraction out. Throws Error.
void contribute_to_estimate(const wire::Address& server, Reach reach, Quantity quantity,
                            std::uint64_t samples, Console& console);

// How many of `samples` darts hit, thrown as Python would. Pure but for the generator.
std::uint64_t count_hits(Quantity quantity, std::uint64_t samples, MersenneTwister& random);

// The last line of the chapter's multiprocessing program: `3.1417 error : 1.073e-04`.
std::string estimate_and_error(double estimate, double truth);

}  // namespace oche::chapter

#endif  // OCHE_CHAPTER_MONTE_CARLO_H_
