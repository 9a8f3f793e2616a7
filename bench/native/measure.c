/* Runs one program and writes what it took to a file, as JSON.
 * measure FILE PROGRAM [ARGUMENT…]: wall milliseconds, CPU seconds of the program and the children it waited for, the
 * highest resident set of any of them. Small, because a program's peak counts from the process that started it. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(struct timeval t) { return t.tv_sec + t.tv_usec / 1e6; }

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  double start = now();
  pid_t pid = fork();
  if (pid < 0) return 1;
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    execvp(argv[2], argv + 2);
    _exit(127);
  }
  int status;
  struct rusage usage;
  if (wait4(pid, &status, 0, &usage) != pid) return 1;
  double ms = now() - start;
  FILE *file = fopen(argv[1], "w");
  if (file == NULL) return 1;
  fprintf(file, "{\"ms\":%.3f,\"userSeconds\":%.6f,\"systemSeconds\":%.6f,\"peakKiB\":%ld,\"exitCode\":%d,\"signal\":%d}\n", ms,
          seconds(usage.ru_utime), seconds(usage.ru_stime), usage.ru_maxrss,
          WIFEXITED(status) ? WEXITSTATUS(status) : -1, WIFSIGNALED(status) ? WTERMSIG(status) : 0);
  fclose(file);
  return 0;
}
