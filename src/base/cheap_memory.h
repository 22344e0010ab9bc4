// Memory for a program whose threads allocate and free some hundred kilobytes again and again.
#ifndef OCHE_BASE_CHEAP_MEMORY_H_
#define OCHE_BASE_CHEAP_MEMORY_H_

namespace oche {

// Makes the process's allocator keep what was freed, share it among threads, and ask for it in
// large pages: the first use of each page costs a fault, and tallies with bins come and go. With
// glibc; elsewhere it does nothing. Once, at the start of main(): it is the program's to decide,
// not a library's.
void make_memory_cheap();

}  // namespace oche

#endif  // OCHE_BASE_CHEAP_MEMORY_H_
