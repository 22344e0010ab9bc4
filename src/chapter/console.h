// What the chapter's programs do with print() and input(), as an interface: the library itself
// never prints. src/cli has the real one; tests hand in a scripted one.
#ifndef OCHE_CHAPTER_CONSOLE_H_
#define OCHE_CHAPTER_CONSOLE_H_

#include <optional>
#include <string>
#include <string_view>

namespace oche::chapter {

class Console {
 public:
  virtual ~Console() = default;

  // One line of the transcript, at once visible. No text of a peer comes here before
  // talk::printable() has seen it.
  virtual void say(std::string_view line) = 0;

  // Shows `prompt`, without an end of line, and reads one line. Nothing at the end of the input.
  virtual std::optional<std::string> ask(std::string_view prompt) = 0;

  // One line beside the transcript, which the chapter's programs don't have: a peer turned away,
  // an answer that must be given again.
  virtual void note(std::string_view line) = 0;

  // Whether a person answers, so that it makes sense to ask again.
  virtual bool interactive() const = 0;
};

}  // namespace oche::chapter

#endif  // OCHE_CHAPTER_CONSOLE_H_
