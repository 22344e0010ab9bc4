#include "chapter/monte_carlo.h"

#include <chrono>
#include <cmath>
#include <cstdio>
#include <utility>
#include <vector>

#include "chapter/python_float.h"
#include "chapter/text_message.h"
#include "oche/error.h"
#include "talk/printable.h"
#include "talk/ring.h"

namespace oche::chapter {
namespace {

std::string fixed_12(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.12f", value);
  return text;
}

// A number cut in two by the network would be read as another number. The chapter's client hangs up
// after its result, which ends the wait; so long is waited for one that doesn't.
constexpr std::chrono::seconds kRestOfResult{2};

// A client's fraction. It comes from a peer: anything but a number from 0 to 1 is refused.
double receive_fraction(Socket& client, std::size_t number) {
  std::string text = receive_message(client, "a result");
  while (text.size() < kLongestMessage && client.wait_readable(kRestOfResult)) {
    const std::string rest = client.recv(kLongestMessage - text.size());
    if (rest.empty()) break;
    text += rest;
  }
  const std::optional<double> fraction = parse_python_float(text);
  if (!fraction || !(*fraction >= 0 && *fraction <= 1)) {
    throw Error(ErrorKind::network,
                "the " + talk::ordinal(number) + " client " + client.peer() + " sent '" +
                    talk::excerpt(text) +
                    "' (a result is the fraction of darts that hit, a number from 0 "
                    "to 1); check the program there and start again");
  }
  return *fraction;
}

}  // namespace

void serve_estimate(Socket server, Quantity quantity, std::size_t clients, Console& console) {
  console.say("server waits for connections...");
  std::vector<Socket> sockets;
  for (std::size_t i = 0; i < clients; ++i) sockets.push_back(server.accept().socket);
  for (std::size_t i = 0; i < clients; ++i) sockets[i].send(std::to_string(i + 1));

  console.say("server waits for results...");
  double sum = 0;
  for (std::size_t i = 0; i < clients; ++i) sum += receive_fraction(sockets[i], i + 1);
  const double mean_of = static_cast<double>(clients);
  // For two clients the chapter's 2*(a+b): scaling by powers of two doesn't round.
  const double result = quantity == Quantity::pi ? 4 * sum / mean_of : sum / mean_of;
  console.say(std::string("approximation for ") + (quantity == Quantity::pi ? "pi" : "ln(2)") +
              " = " + python_rounded(result));
}

void contribute_to_estimate(const wire::Address& server, Reach reach, Quantity quantity,
                            std::uint64_t samples, Console& console) {
  Socket client = connect_to(server, reach);
  console.say("client is connected");
  const std::string seed = receive_message(client, "a seed");
  const auto key = seed_key(seed);
  if (!key) {
    throw Error(ErrorKind::network, "the server " + client.peer() + " sent '" +
                                        talk::excerpt(seed) +
                                        "' (a seed is a whole number); check the program there and "
                                        "start again");
  }
  console.say("client received " + talk::printable(seed));
  MersenneTwister random(*key);
  const double result =
      static_cast<double>(count_hits(quantity, samples, random)) / static_cast<double>(samples);
  console.say("client computes " + fixed_12(result));
  client.send(python_repr(result));
  client.close();
}

// Written x*x, where the chapter has x**2: that is the correctly rounded square, and so is
// Python's.
std::uint64_t count_hits(Quantity quantity, std::uint64_t samples, MersenneTwister& random) {
  std::uint64_t hits = 0;
  switch (quantity) {
    case Quantity::pi:
      for (std::uint64_t i = 0; i < samples; ++i) {
        const double x = random.uniform(0, 1);
        const double y = random.uniform(0, 1);
        hits += x * x + y * y <= 1;
      }
      break;
    case Quantity::ln2:
      for (std::uint64_t i = 0; i < samples; ++i) {
        const double x = random.uniform(1, 2);
        const double y = random.uniform(0, 1);
        hits += y <= 1 / x;
      }
      break;
  }
  return hits;
}

std::string estimate_and_error(double estimate, double truth) {
  char text[32];
  std::snprintf(text, sizeof text, " error : %.3e", std::fabs(estimate - truth));
  return python_repr(estimate) + text;
}

}  // namespace oche::chapter
