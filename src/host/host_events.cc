#include "host/host_events.h"

#include <utility>

namespace oche::host {
namespace {

using wire::Closed;
using wire::CloseReason;
using wire::Connection;

LogEntry about(Event event, const Connection& connection) {
  return LogEntry(event)
      .with("peer", connection.remote())
      .with("service", std::string(to_string(connection.peer().service)))
      .with("name", connection.peer().name);
}

LogEntry with_reason(LogEntry entry, const Closed& closed) {
  entry.fields.emplace_back("reason", std::string(to_string(closed.reason)));
  const auto& goodbye = closed.goodbye ? closed.goodbye : closed.goodbye_said;
  if (goodbye) entry.fields.emplace_back("goodbye", std::string(to_string(*goodbye)));
  if (closed.refusal) {
    entry.fields.emplace_back("refusal", std::string(to_string(*closed.refusal)));
  }
  return std::move(entry).with("text", closed.text);
}

// Whether an end is one of those that belong to every session's life.
bool is_usual(CloseReason reason) {
  return reason == CloseReason::closed_here || reason == CloseReason::goodbye ||
         reason == CloseReason::peer_gone;
}

Event event_of(CloseReason reason) {
  switch (reason) {
    case CloseReason::probed:
      return Event::probed;
    case CloseReason::refused_here:
    case CloseReason::too_many:
    case CloseReason::crowded_out:
    case CloseReason::closed_here:
      return Event::refused;
    default:
      return Event::handshake_failed;
  }
}

Event event_of(talk::ServiceEvent event) {
  switch (event) {
    case talk::ServiceEvent::ring_joined:
      return Event::ring_joined;
    case talk::ServiceEvent::ring_left:
      return Event::ring_left;
    case talk::ServiceEvent::ring_full:
      return Event::ring_full;
    case talk::ServiceEvent::ring_ended:
      return Event::ring_ended;
    case talk::ServiceEvent::ring_broken:
      return Event::ring_broken;
    case talk::ServiceEvent::turned_away:
      return Event::turned_away;
    case talk::ServiceEvent::receiver_waiting:
      return Event::receiver_waiting;
    case talk::ServiceEvent::message_received:
      return Event::message_received;
    case talk::ServiceEvent::message_failed:
      return Event::message_failed;
  }
  return Event::trouble;
}

const char* name_key(talk::ServiceEvent event) {
  return event == talk::ServiceEvent::receiver_waiting ? "as" : "ring";
}

}  // namespace

LogEntry connected(const Connection& connection) {
  LogEntry entry = about(Event::connected, connection);
  if (connection.peer().service == wire::Service::work) {
    entry.fields.emplace_back("cores", std::uint64_t{connection.peer().slots});
  }
  return entry;
}

LogEntry left(const Connection& connection, const Closed& closed) {
  LogEntry entry = with_reason(about(Event::left, connection), closed);
  if (!is_usual(closed.reason)) entry.level = Level::warning;
  return entry;
}

LogEntry not_admitted(const std::string& remote, const Closed& closed) {
  return with_reason(LogEntry(event_of(closed.reason)).with("peer", remote), closed);
}

LogEntry revoked(const Connection& connection) { return about(Event::revoked, connection); }

LogEntry of_service(const talk::ServiceNote& note) {
  LogEntry entry(event_of(note.event));
  if (note.party != nullptr) {
    entry.fields.emplace_back("peer", note.party->remote());
    entry.fields.emplace_back("name", note.party->peer().name);
  }
  if (!note.name.empty()) entry.fields.emplace_back(name_key(note.event), note.name);
  return std::move(entry).with("text", note.line);
}

}  // namespace oche::host
