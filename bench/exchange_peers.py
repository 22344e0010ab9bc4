"""Tasks that do nothing, through other programs that give out tasks: Work Queue, Gearman, GNU parallel.

Each is a function (workers, tasks) -> Rate, which raises Absent where its packages aren't here. Their
servers listen on loopback, on ports that are free.
"""

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass

# Work Queue's own interface in C: a task is a command for a shell, here the shell's own `:`.
WORK_QUEUE = r"""
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <cctools/work_queue.h>

static double now(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}

static void submit(struct work_queue* queue) {
  struct work_queue_task* task = work_queue_task_create(":");
  work_queue_task_specify_cores(task, 1);
  work_queue_submit(queue, task);
}

static void wait_for(struct work_queue* queue) {
  struct work_queue_task* task = 0;
  while (task == 0) task = work_queue_wait(queue, 10);
  if (task->return_status != 0) exit(1);
  work_queue_task_delete(task);
}

int main(int count, char** values) {
  const int tasks = atoi(values[1]), first = atoi(values[2]);
  struct work_queue* queue = work_queue_create(0);
  if (count != 3 || queue == 0) return 1;
  printf("%d\n", work_queue_port(queue));
  fflush(stdout);
  for (int i = 0; i < first; ++i) submit(queue);  /* so that all workers are there */
  for (int i = 0; i < first; ++i) wait_for(queue);
  const double begin = now(CLOCK_MONOTONIC), used = now(CLOCK_PROCESS_CPUTIME_ID);
  for (int i = 0; i < tasks; ++i) submit(queue);
  for (int i = 0; i < tasks; ++i) wait_for(queue);
  printf("%.6f %.6f\n", now(CLOCK_MONOTONIC) - begin, now(CLOCK_PROCESS_CPUTIME_ID) - used);
  work_queue_delete(queue);
  return 0;
}
"""

# libgearman: a worker whose function returns at once, and a client that adds all tasks and runs them.
GEARMAN = r"""
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <libgearman/gearman.h>

static void* nothing(gearman_job_st*, void*, size_t* size, gearman_return_t* result) {
  *size = 0;
  *result = GEARMAN_SUCCESS;
  return nullptr;
}

static double now() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}

static bool run(gearman_client_st* client, int tasks) {
  gearman_return_t result = GEARMAN_SUCCESS;
  for (int i = 0; i < tasks; ++i) {
    gearman_client_add_task(client, nullptr, nullptr, "nothing", nullptr, nullptr, 0, &result);
    if (gearman_failed(result)) return false;
  }
  const bool done = gearman_success(gearman_client_run_tasks(client));
  gearman_client_task_free_all(client);
  return done;
}

int main(int, char** values) {
  const auto port = static_cast<in_port_t>(std::atoi(values[2]));
  if (std::strcmp(values[1], "work") == 0) {
    gearman_worker_st* const worker = gearman_worker_create(nullptr);
    gearman_worker_add_server(worker, "127.0.0.1", port);
    gearman_worker_add_function(worker, "nothing", 0, nothing, nullptr);
    while (gearman_success(gearman_worker_work(worker))) continue;
    return 0;
  }
  gearman_client_st* const client = gearman_client_create(nullptr);
  gearman_client_add_server(client, "127.0.0.1", port);
  gearman_client_set_timeout(client, 60000);
  if (!run(client, 100)) return 1;
  const double begin = now();
  if (!run(client, std::atoi(values[3]))) return 1;
  std::printf("%.6f\n", now() - begin);
}
"""

TICKS = os.sysconf("SC_CLK_TCK")


class Absent(Exception):
    """The peer isn't here, and why."""


@dataclass
class Rate:
    """What a peer reached."""

    version: str
    form: str
    per_second: float
    manager: float  # microseconds of its manager's processor time for a task; nan: not told apart


def processor_seconds(process):
    """Of a process so far: user's and system's."""
    with open(f"/proc/{process}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def version_of(package):
    """Of a Debian package."""
    done = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True, text=True,
                          check=False)
    return done.stdout.strip()


def compiled(source, language, folder, libraries):
    """The path of the program of a text."""
    name = os.path.join(folder, "peer")
    done = subprocess.run(["g++" if language == "c++" else "gcc", "-x", language, "-O2", "-o", name, "-",
                           *libraries], input=source, text=True, capture_output=True, check=False)
    if done.returncode != 0:
        raise Absent("its library isn't here")
    return name


@contextlib.contextmanager
def running(commands, **options):
    """Processes that are ended with the block."""
    children = []
    try:
        for command in commands:
            children.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options))
        yield children
    finally:
        for child in children:
            child.terminate()
        for child in children:
            child.wait()


def need(program):
    """Raises Absent where a program isn't on the path."""
    if shutil.which(program) is None:
        raise Absent(f"{program} isn't here")


def work_queue(workers, tasks):
    """Work Queue."""
    need("work_queue_worker")
    with tempfile.TemporaryDirectory() as folder:
        program = compiled(WORK_QUEUE, "c", folder, ["-lwork_queue", "-ldttools", "-lm", "-lz", "-lpthread"])
        manager = subprocess.Popen([program, str(tasks), str(4 * workers)], stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL, text=True, cwd=folder)
        try:
            port = manager.stdout.readline().strip()
            command = ["work_queue_worker", "--cores", "1", "--memory", "64", "--disk", "64", "-t", "300",
                       "-s", folder, "127.0.0.1", port]
            with running([command] * workers, cwd=folder):
                seconds, used = map(float, manager.stdout.readline().split())
                manager.wait()
        finally:
            manager.kill()
            manager.wait()
            manager.stdout.close()
    return Rate(f"Work Queue {version_of('coop-computing-tools')}",
                "C interface; a task is the shell's `:` in a process of its own at the worker",
                tasks / seconds, 1e6 * used / tasks)


def gearman(workers, tasks):
    """Gearman."""
    need("gearmand")
    with tempfile.TemporaryDirectory() as folder:
        program = compiled(GEARMAN, "c++", folder, ["-lgearman"])
        with running([["gearmand", "--listen=127.0.0.1", "--port=0", f"--log-file={folder}/log"]]) as (server,):
            port = listening_port(server)
            with running([[program, "work", port]] * workers):
                before = processor_seconds(server.pid)
                done = subprocess.run([program, "run", port, str(tasks)], stdout=subprocess.PIPE, text=True, check=True)
                used = processor_seconds(server.pid) - before
    return Rate(f"Gearman {version_of('gearman-job-server')}",
                "libgearman; a task is a function that returns at once", tasks / float(done.stdout),
                1e6 * used / (tasks + 100))


def listening_port(server):
    """The loopback port that a process has begun to listen at."""
    for _ in range(1000):
        sockets = set()
        with contextlib.suppress(OSError):
            for name in os.listdir(f"/proc/{server.pid}/fd"):
                if found := re.match(r"socket:\[(\d+)\]", os.readlink(f"/proc/{server.pid}/fd/{name}")):
                    sockets.add(found[1])
        with open("/proc/net/tcp", encoding="ascii") as lines:
            for line in lines:
                fields = line.split()
                if fields[3] == "0A" and fields[9] in sockets:
                    return str(int(fields[1].rpartition(":")[2], 16))
        time.sleep(0.01)
    raise Absent("its server doesn't listen")


def parallel(workers, tasks):
    """GNU parallel."""
    need("parallel")
    numbers = "\n".join(map(str, range(tasks))) + "\n"
    begin = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["parallel", "--will-cite", f"-j{workers}", ":"], input=numbers, text=True, check=True,
                       env={**os.environ, "HOME": folder})
    return Rate(f"GNU parallel {version_of('parallel')}", "a task is the shell's `:`",
                tasks / (time.perf_counter() - begin), float("nan"))


PEERS = {"Work Queue": (work_queue, 1000), "Gearman": (gearman, 20000), "GNU parallel": (parallel, 200)}
