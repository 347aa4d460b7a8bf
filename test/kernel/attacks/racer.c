/*
 * The other side of a race: exchanges two names of a directory as fast as it can, until it is killed.
 *
 *   racer DIRECTORY NAME OTHER
 *
 * With two arguments it makes directories below one another instead, each called d, so many levels deep.
 *
 *   racer DIRECTORY LEVELS
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int descend(int levels) {
  for (; levels > 0; levels--)
    if (mkdir("d", 0755) || chdir("d")) return perror("racer"), 1;
  return 0;
}

int main(int argc, char **argv) {
  if (argc < 3 || chdir(argv[1])) return perror("racer"), 1;
  if (argc == 3) return descend(atoi(argv[2]));
  for (;;) {
    /* Whoever is raced against may have taken one of them away for a moment. */
    syscall(SYS_renameat2, AT_FDCWD, argv[2], AT_FDCWD, argv[3], RENAME_EXCHANGE);
  }
}
