// What clients and services say beside their work.
#ifndef OCHE_TALK_NOTES_H_
#define OCHE_TALK_NOTES_H_

#include <functional>
#include <string>
#include <string_view>

#include "wire/connection.h"

namespace oche::talk {

// Gets one line about what goes on, fit to be printed.
using Notes = std::function<void(std::string_view line)>;

enum class ServiceEvent {
  ring_joined,
  ring_left,  // before it was full
  ring_full,
  ring_ended,
  ring_broken,
  turned_away,
  receiver_waiting,
  message_received,
  message_failed,
};

// One event of a service.
struct ServiceNote {
  ServiceEvent event;
  const wire::Connection* party = nullptr;  // whom it is about; null: nobody, or this program
  std::string name{};                       // of the ring, or that a receiver waits under
  std::string line{};                       // all of it, as a sentence, fit to be printed
};
using ServiceNotes = std::function<void(const ServiceNote& note)>;

// Those that want the lines only.
inline ServiceNotes lines_of(Notes notes) {
  return [notes = std::move(notes)](const ServiceNote& note) { notes(note.line); };
}

}  // namespace oche::talk

#endif  // OCHE_TALK_NOTES_H_
