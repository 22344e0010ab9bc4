#include "chapter/text_message.h"

#include "chapter/prompt.h"
#include "oche/error.h"
#include "talk/printable.h"

namespace oche::chapter {

void check_message(std::string_view text) {
  const auto refuse = [](const std::string& problem_and_reason) {
    throw Error(ErrorKind::usage, problem_and_reason + "; write 1 to " +
                                      std::to_string(kLongestMessage) + " bytes of text");
  };
  if (text.empty()) refuse("can't send an empty message (nothing would arrive)");
  if (text.size() > kLongestMessage) {
    refuse("can't send a message of " + std::to_string(text.size()) +
           " bytes (one receive takes at most " + std::to_string(kLongestMessage) + ")");
  }
  if (!talk::is_utf8(text)) refuse("can't send '" + talk::excerpt(text) + "' (it is not UTF-8)");
}

std::string ask_message(Console& console) {
  return ask_until(console, "Give message : ", [](const std::string& answer) {
    check_message(answer);
    return answer;
  });
}

std::string receive_message(Socket& sender, std::string_view what) {
  std::string text = sender.recv(kLongestMessage);
  if (text.empty()) {
    throw Error(ErrorKind::network,
                sender.peer() + " hung up without " + std::string(what) +
                    " (it ended, was interrupted, or turned us away); see what it "
                    "printed and start it again");
  }
  return text;
}

}  // namespace oche::chapter
