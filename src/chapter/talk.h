// talk_host.py and talk_client.py, and exercise 2: N clients in a ring, in order of arrival or by
// number.
//
// What goes over a connection: in a numbered ring first the client's number in decimal and a
// newline; then one message of the client; then one message of its neighbour in the ring; then the
// end.
#ifndef OCHE_CHAPTER_TALK_H_
#define OCHE_CHAPTER_TALK_H_

#include <chrono>
#include <cstddef>
#include <optional>

#include "chapter/console.h"
#include "chapter/endpoint.h"
#include "chapter/socket.h"
#include "talk/ring.h"

namespace oche::chapter {

// How long a client of a numbered ring may take to send its number once it is connected.
inline constexpr std::chrono::seconds kNumberLimit{30};

// Hosts one ring of `clients` talkers and ends. A client that hangs up before the ring is full, or
// has a bad number, is noted and its place stays free; one that hangs up later ends the ring.
// Throws Error (network).
void host_ring(Socket server, std::size_t clients, talk::Order order, Console& console);

// Joins the ring at `host`, sends the message that is asked for and prints the one it gets. With a
// `number`, sends that first. Throws Error.
void join_ring(const wire::Address& host, Reach reach, std::optional<std::size_t> number,
               Console& console);

// Exercise 2's questions, to the host's user and to the client's.
std::size_t ask_number_of_clients(Console& console);
std::size_t ask_client_number(Console& console);

}  // namespace oche::chapter

#endif  // OCHE_CHAPTER_TALK_H_
