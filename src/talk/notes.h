// What a service says beside its work.
#ifndef OCHE_TALK_NOTES_H_
#define OCHE_TALK_NOTES_H_

#include <functional>
#include <string_view>

namespace oche::talk {

// Gets one line about what goes on, fit to be printed.
using Notes = std::function<void(std::string_view line)>;

}  // namespace oche::talk

#endif  // OCHE_TALK_NOTES_H_
