#include "formula/functions.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "math/function_list.h"

namespace oche::formula {
namespace {

TEST(Functions, of_math_can_all_be_called) {
  const auto check = [](const char* name, Operation operation, std::size_t arguments,
                        double error) {
    const Function* function = find_function(name);
    ASSERT_NE(function, nullptr) << name;
    EXPECT_EQ(function->min_arguments, arguments) << name;
    EXPECT_EQ(function->max_arguments, arguments) << name;
    EXPECT_EQ(largest_error(*function), error) << name;
    EXPECT_EQ(function->operation, operation) << name;
    EXPECT_EQ(function_name(operation), name);
  };
#define OCHE_ROW(name, Name, cost, error) check(#name, Operation::name, 1, error);
  OCHE_MATH_UNARY(OCHE_ROW)
#undef OCHE_ROW
#define OCHE_ROW(name, Name, cost, error) check(#name, Operation::name, 2, error);
  OCHE_MATH_BINARY(OCHE_ROW)
#undef OCHE_ROW
}

TEST(Functions, have_names_of_their_own) {
  std::set<std::string_view> names;
  for (const Function& f : functions()) EXPECT_TRUE(names.insert(f.name).second) << f.name;
  for (const Constant& c : constants()) EXPECT_TRUE(names.insert(c.name).second) << c.name;
}

TEST(Functions, state_an_error_where_they_round) {
  for (const char* exact : {"min", "max", "abs", "if", "floor", "ceil", "round", "sign"}) {
    EXPECT_EQ(largest_error(*find_function(exact)), 0) << exact;
  }
  EXPECT_EQ(largest_error(*find_function("sqrt")), 0.5);
  EXPECT_GT(largest_error(*find_function("pow")), 0.5);
}

}  // namespace
}  // namespace oche::formula
