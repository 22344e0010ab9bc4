// The one place that says which addresses may be used while there are no keys.
#ifndef OCHE_WIRE_LOOPBACK_H_
#define OCHE_WIRE_LOOPBACK_H_

#include <string>

namespace oche::wire {

// What is said about an address of another computer.
inline std::string not_loopback(const std::string& address) {
  return address +
         " is not a loopback address (there are no keys yet, so only programs on this computer may "
         "connect); use 127.0.0.1 or [::1]";
}

}  // namespace oche::wire

#endif  // OCHE_WIRE_LOOPBACK_H_
