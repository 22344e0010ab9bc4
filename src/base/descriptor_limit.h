// How many files and connections the process may have open.
#ifndef OCHE_BASE_DESCRIPTOR_LIMIT_H_
#define OCHE_BASE_DESCRIPTOR_LIMIT_H_

namespace oche {

// Raises the limit to the highest that the system allows this process: a host has a descriptor for
// each connection, and the usual limit is 1024. Where that fails the limit stays. For main(), like
// make_memory_cheap(): it is the program's to decide, not a library's.
void raise_descriptor_limit();

}  // namespace oche

#endif  // OCHE_BASE_DESCRIPTOR_LIMIT_H_
