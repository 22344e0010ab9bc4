// Which clients may call: the receiver's --allow.
#ifndef OCHE_CHAPTER_ADDRESS_RANGE_H_
#define OCHE_CHAPTER_ADDRESS_RANGE_H_

#include <string_view>

#include "chapter/endpoint.h"

namespace oche::chapter {

// A range of addresses, ADDR/LEN: all that agree with ADDR in their first LEN bits.
class AddressRange {
 public:
  // `ADDR/LEN`, or `ADDR` for that one address, IPv4 or IPv6. Throws Error (usage).
  static AddressRange parse(std::string_view text);
  bool contains(const Endpoint& client) const;

 private:
  Endpoint base_;
  unsigned prefix_ = 0;
};

}  // namespace oche::chapter

#endif  // OCHE_CHAPTER_ADDRESS_RANGE_H_
