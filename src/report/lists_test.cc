#include "report/lists.h"

#include <gtest/gtest.h>

namespace oche::report {
namespace {

TEST(Lists, show_jobs) {
  EXPECT_EQ(to_text(std::vector<JobLine>{}), "no jobs\n");
  EXPECT_EQ(to_json(std::vector<JobLine>{}), "[]");
  const std::vector<JobLine> jobs{{7, "running", -1, "ada", "1/x, x=1..2", 1000, 2, 1.25},
                                  {12, "queued", 0, "bob", "\"x\"", 0, 0, 0}};
  EXPECT_EQ(to_text(jobs),
            "job   state     priority   of    workers   samples   time    estimate\n"
            "7     running   -1         ada   2         1000      1.2 s   1/x, x=1..2\n"
            "12    queued    0          bob   0         0         0.0 s   \"x\"\n");
  EXPECT_EQ(to_json(jobs),
            R"([{"job":7,"state":"running","priority":-1,"client":"ada","workers":2,)"
            R"("samples":1000,"seconds":1.25,"estimate":"1/x, x=1..2"},)"
            R"({"job":12,"state":"queued","priority":0,"client":"bob","workers":0,)"
            R"("samples":0,"seconds":0.0,"estimate":"\"x\""}])");
}

TEST(Lists, show_workers) {
  EXPECT_EQ(to_text(std::vector<WorkerLine>{}), "no workers\n");
  const std::vector<WorkerLine> workers{{"lab7", "127.0.0.1:50312", 8, 7, 300, 600, true},
                                        {"lab8", "[::1]:1", 1, 0, 0, 10'800, false}};
  EXPECT_EQ(to_text(workers),
            "worker   address           cores   job            chunks   here for\n"
            "lab7     127.0.0.1:50312   8       7 (draining)   300      10 min\n"
            "lab8     [::1]:1           1       -              0        3.0 h\n");
  EXPECT_EQ(to_json(workers),
            R"([{"name":"lab7","address":"127.0.0.1:50312","cores":8,"job":7,"chunks":300,)"
            R"("seconds":600.0,"draining":true},)"
            R"({"name":"lab8","address":"[::1]:1","cores":1,"job":null,"chunks":0,)"
            R"("seconds":10800.0,"draining":false}])");
}

}  // namespace
}  // namespace oche::report
