// What the wire and the services tell, as entries of the host's log.
#ifndef OCHE_HOST_HOST_EVENTS_H_
#define OCHE_HOST_HOST_EVENTS_H_

#include <string>

#include "host/log.h"
#include "talk/notes.h"
#include "wire/connection.h"

namespace oche::host {

LogEntry connected(const wire::Connection& connection);
LogEntry left(const wire::Connection& connection, const wire::Closed& closed);
// A connection whose handshake came to nothing, or only asked (probed).
LogEntry not_admitted(const std::string& remote, const wire::Closed& closed);
LogEntry revoked(const wire::Connection& connection);
LogEntry of_service(const talk::ServiceNote& note);

}  // namespace oche::host

#endif  // OCHE_HOST_HOST_EVENTS_H_
