// The test double of a Console: answers from a list, and keeps what was said.
#ifndef OCHE_CHAPTER_SCRIPTED_CONSOLE_H_
#define OCHE_CHAPTER_SCRIPTED_CONSOLE_H_

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chapter/console.h"

namespace oche::chapter {

class ScriptedConsole : public Console {
 public:
  enum class Who { person, pipe };
  ScriptedConsole(std::deque<std::string> answers, Who who)
      : answers_(std::move(answers)), who_(who) {}

  void say(std::string_view line) override { lines.emplace_back(line); }
  std::optional<std::string> ask(std::string_view prompt) override {
    prompts.emplace_back(prompt);
    if (answers_.empty()) return std::nullopt;
    std::string answer = std::move(answers_.front());
    answers_.pop_front();
    return answer;
  }
  void note(std::string_view line) override { notes.emplace_back(line); }
  bool interactive() const override { return who_ == Who::person; }

  std::vector<std::string> lines, prompts, notes;

 private:
  std::deque<std::string> answers_;
  Who who_;
};

}  // namespace oche::chapter

#endif  // OCHE_CHAPTER_SCRIPTED_CONSOLE_H_
