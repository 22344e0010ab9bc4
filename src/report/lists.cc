#include "report/lists.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "report/table.h"

namespace oche::report {
namespace {

using Json = nlohmann::ordered_json;

std::string duration(double seconds) {
  if (seconds < 120) return fmt::format("{:.1f} s", seconds);
  if (seconds < 7200) return fmt::format("{:.0f} min", seconds / 60);
  return fmt::format("{:.1f} h", seconds / 3600);
}

}  // namespace

std::string to_text(const std::vector<JobLine>& jobs) {
  if (jobs.empty()) return "no jobs\n";
  Table table{{"job", "state", "priority", "of", "workers", "samples", "time", "estimate"}};
  for (const JobLine& job : jobs) {
    table.push_back({std::to_string(job.job), job.state, std::to_string(job.priority), job.client,
                     std::to_string(job.workers), std::to_string(job.samples),
                     duration(job.seconds), job.text});
  }
  return text_of(table, "");
}

std::string to_text(const std::vector<WorkerLine>& workers) {
  if (workers.empty()) return "no workers\n";
  Table table{{"worker", "address", "cores", "job", "chunks", "here for"}};
  for (const WorkerLine& worker : workers) {
    std::string job = worker.job == 0 ? "-" : std::to_string(worker.job);
    if (worker.draining) job += " (draining)";
    table.push_back({worker.name, worker.address, std::to_string(worker.cores), job,
                     std::to_string(worker.chunks), duration(worker.seconds)});
  }
  return text_of(table, "");
}

std::string to_json(const std::vector<JobLine>& jobs) {
  Json list = Json::array();
  for (const JobLine& job : jobs) {
    list.push_back({{"job", job.job},
                    {"state", job.state},
                    {"priority", job.priority},
                    {"client", job.client},
                    {"workers", job.workers},
                    {"samples", job.samples},
                    {"seconds", job.seconds},
                    {"estimate", job.text}});
  }
  return list.dump();
}

std::string to_json(const std::vector<WorkerLine>& workers) {
  Json list = Json::array();
  for (const WorkerLine& worker : workers) {
    list.push_back({{"name", worker.name},
                    {"address", worker.address},
                    {"cores", worker.cores},
                    {"job", worker.job == 0 ? Json(nullptr) : Json(worker.job)},
                    {"chunks", worker.chunks},
                    {"seconds", worker.seconds},
                    {"draining", worker.draining}});
  }
  return list.dump();
}

}  // namespace oche::report
