/*
 * Starts a command again and again and says how long it took: the stop-watch for runtimes that are programs.
 *
 *   repeat [-n COUNT] [-p WORKERS] COMMAND [ARGUMENT…]
 *
 * Each worker runs COUNT times posix_spawn and waitpid, one after another. `{}` inside an argument becomes a number that is used once.
 * Output of the command goes to /dev/null. Prints one JSON object with milliseconds; a command that fails ends the run.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_ARGUMENTS = 64, MAX_TEXT = 512 };

extern char **environ;

static double now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static void number_into(char *out, const char *argument, int number) {
  const char *braces = strstr(argument, "{}");
  if (braces) snprintf(out, MAX_TEXT, "%.*s%d%s", (int)(braces - argument), argument, number, braces + 2);
  else snprintf(out, MAX_TEXT, "%s", argument);
}

static int once(char **command, int count, int number, posix_spawn_file_actions_t *actions) {
  static char texts[MAX_ARGUMENTS][MAX_TEXT];
  char *argv[MAX_ARGUMENTS + 1];
  for (int i = 0; i < count; i++) {
    number_into(texts[i], command[i], number);
    argv[i] = texts[i];
  }
  argv[count] = NULL;
  pid_t pid;
  int status;
  if (posix_spawnp(&pid, argv[0], actions, NULL, argv, environ)) return -1;
  return waitpid(pid, &status, 0) < 0 ? -1 : status;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

int main(int argc, char **argv) {
  int count = 20, workers = 1, option;
  while ((option = getopt(argc, argv, "+n:p:")) != -1) {
    if (option == 'n') count = atoi(optarg);
    else if (option == 'p') workers = atoi(optarg);
    else return 2;
  }
  int arguments = argc - optind;
  if (arguments < 1 || arguments > MAX_ARGUMENTS || count < 1 || workers < 1) return fprintf(stderr, "usage: repeat [-n N] [-p P] COMMAND …\n"), 2;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  int total = count * workers;
  double *times = mmap(NULL, total * sizeof(double), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (times == MAP_FAILED) return perror("repeat: map"), 1;
  double begin = now_ms();
  for (int w = 0; w < workers; w++) {
    pid_t pid = fork();
    if (pid < 0) return perror("repeat: fork"), 1;
    if (pid > 0) continue;
    for (int i = 0; i < count; i++) {
      double at = now_ms();
      int status = once(argv + optind, arguments, w * count + i, &actions);
      if (status != 0) {
        fprintf(stderr, "repeat: %s ended with wait status %d\n", argv[optind], status);
        _exit(1);
      }
      times[w * count + i] = now_ms() - at;
    }
    _exit(0);
  }
  int failed = 0, status;
  for (int w = 0; w < workers; w++) failed |= wait(&status) < 0 || status != 0;
  double wall = now_ms() - begin;
  if (failed) return 1;
  qsort(times, total, sizeof(double), ascending);
  printf("{\"wholeP50\":%.3f,\"wholeP99\":%.3f,\"perSecond\":%.1f}\n", times[total / 2], times[total * 99 / 100], total * 1e3 / wall);
  return 0;
}
