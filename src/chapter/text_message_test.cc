#include "chapter/text_message.h"

#include <gtest/gtest.h>

#include <string>

#include "chapter/prompt.h"
#include "chapter/scripted_console.h"
#include "oche/error.h"

namespace oche::chapter {
namespace {

TEST(CheckMessage, takes_one_to_eighty_bytes) {
  EXPECT_NO_THROW(check_message("a"));
  EXPECT_NO_THROW(check_message(std::string(80, 'a')));
  EXPECT_THROW(check_message(""), Error);
  EXPECT_THROW(check_message(std::string(81, 'a')), Error);
}

TEST(CheckMessage, counts_bytes_and_not_characters) {
  std::string text;
  for (int i = 0; i < 40; ++i) text += "é";
  EXPECT_NO_THROW(check_message(text));
  EXPECT_THROW(check_message(text + "é"), Error);
}

TEST(CheckMessage, refuses_what_python_could_not_decode) {
  EXPECT_THROW(check_message("\xff"), Error);
}

TEST(AskMessage, asks_a_person_again) {
  ScriptedConsole console({"", std::string(81, 'a'), "this is alpha"},
                          ScriptedConsole::Who::person);
  EXPECT_EQ(ask_message(console), "this is alpha");
  EXPECT_EQ(console.prompts, (std::vector<std::string>(3, "Give message : ")));
  EXPECT_EQ(console.notes.size(), 2u);
}

TEST(AskMessage, fails_at_once_on_a_bad_line_of_a_pipe) {
  ScriptedConsole console({"", "this is alpha"}, ScriptedConsole::Who::pipe);
  EXPECT_THROW(ask_message(console), Error);
}

TEST(AskSamplesAndWorkers, asks_the_chapters_two_questions) {
  ScriptedConsole console({" 1000 ", "4"}, ScriptedConsole::Who::pipe);
  const SamplesAndWorkers answer = ask_samples_and_workers(console);
  EXPECT_EQ(answer.samples, 1000u);
  EXPECT_EQ(answer.workers, 4u);
  EXPECT_EQ(console.prompts, (std::vector<std::string>{"Give the number of samples : ",
                                                       "Give the number of processes : "}));
}

TEST(AskSamplesAndWorkers, asks_a_person_until_the_answer_is_a_number) {
  ScriptedConsole console({"many", "1e6", "0", "-2", "2.5", "2"}, ScriptedConsole::Who::person);
  const SamplesAndWorkers answer = ask_samples_and_workers(console);
  EXPECT_EQ(answer.samples, 1'000'000u);
  EXPECT_EQ(answer.workers, 2u);
  EXPECT_EQ(console.notes.size(), 4u);
}

TEST(AskSamplesAndWorkers, says_what_is_wrong_and_the_limit) {
  for (const char* text :
       {"1e30", "-5", "0", "nan", "inf", "", "99999999999999999999999", "1000000000000001"}) {
    ScriptedConsole console({text}, ScriptedConsole::Who::pipe);
    try {
      ask_samples_and_workers(console);
      FAIL() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::usage);
      EXPECT_NE(std::string(error.what()).find("from 1 to 1000000000000000"), std::string::npos)
          << error.what();
    }
  }
}

TEST(AskSamplesAndWorkers, fails_when_the_input_ends) {
  ScriptedConsole console({"1000"}, ScriptedConsole::Who::person);
  EXPECT_THROW(ask_samples_and_workers(console), Error);
}

}  // namespace
}  // namespace oche::chapter
