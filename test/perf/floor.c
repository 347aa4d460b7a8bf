/*
 * The physical floor of a container start: the same system calls as our launcher makes, in one small C program, with nothing around them.
 *
 *   floor [-n COUNT] [-p WORKERS] [-i MILLISECONDS] [-r ROOTFS [-o DIRECTORY]] [-c CONTROLLER,…] [-x net] PROGRAM [ARGUMENT…]
 *
 * For each container, with -i after so much rest: mkdir in each v1 hierarchy named by -c, a limit in those of cpu, memory, pids and devices, clone3 into new mount, pid, ipc, uts and cgroup namespaces (and net
 * with -x net, its loopback brought up), attach, then inside: private mounts, with -r a bind of ROOTFS (or with -o an overlay on it, whose upper
 * layer is made below DIRECTORY) with /proc and /dev and pivot_root, else a fresh /proc; host name; execve. The parent sees exec by a close-on-exec pipe, waits, removes the cgroups.
 * Prints one JSON object: milliseconds of launch (begin to exec done) and of the whole life, and CPU milliseconds per container.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_CONTROLLERS = 8 };

static const char *rootfs, *layers, *controllers[MAX_CONTROLLERS];
static int controller_count, with_net, rest_ms;
static char **program;

static double now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static void die(const char *step, const char *path) {
  fprintf(stderr, "floor: could not %s %s: %s\n", step, path ? path : "", strerror(errno));
  _exit(111);
}

static void write_file(const char *path, const char *text) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0 || write(fd, text, strlen(text)) < 0) die("write", path);
  close(fd);
}

static void cgroup_path(char *out, size_t size, int controller, int worker, int index, const char *file) {
  snprintf(out, size, "/sys/fs/cgroup/%s/meseta-floor-%d-%d-%d%s", controllers[controller], getppid(), worker, index, file);
}

/* The limits that ours have too, of the devices the shortest that denies any. */
static const struct { const char *controller, *file, *value; } LIMITS[] = {
    {"cpu", "/cpu.shares", "102"},
    {"memory", "/memory.limit_in_bytes", "67108864"},
    {"pids", "/pids.max", "1024"},
    {"devices", "/devices.deny", "a"},
};

/* Of the overlay: where it is mounted, what is written, and what the kernel needs. */
static const char *const LAYERS[] = {"", "/merged", "/upper", "/work"};

static void layer_path(char *out, size_t size, int worker, int index, const char *name) {
  snprintf(out, size, "%s/%d-%d-%d%s", layers, getppid(), worker, index, name);
}

static void overlay(const char *at) {
  char options[1024];
  snprintf(options, sizeof options, "lowerdir=%s,upperdir=%s/upper,workdir=%s/work", rootfs, at, at);
  if (chdir(at)) die("enter", at);
  if (mount("overlay", "merged", "overlay", 0, options)) die("mount overlay at", at);
  if (chdir("merged")) die("enter", at);
}

static void bind_root(void) {
  if (mount(rootfs, rootfs, NULL, MS_BIND | MS_REC, NULL)) die("bind", rootfs);
  if (chdir(rootfs)) die("enter", rootfs);
}

static void loopback(void) {
  struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request)) die("bring up", "lo");
  close(fd);
}

/* What runs inside: the same order as in our launcher. */
static void inside(const char *layer) {
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)) die("make private", "/");
  if (rootfs) {
    if (layers) overlay(layer);
    else bind_root();
    if (mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL)) die("mount", "proc");
    if (mount("tmpfs", "dev", "tmpfs", MS_NOSUID, "mode=755,size=64k")) die("mount", "dev");
    if (syscall(SYS_pivot_root, ".", ".")) die("change root to", rootfs);
    if (umount2(".", MNT_DETACH)) die("detach", "the old root");
  } else if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL)) {
    die("mount", "/proc");
  }
  if (with_net) loopback();
  if (sethostname("floor", 5)) die("set host name", NULL);
  execv(program[0], program);
  die("execute", program[0]);
}

static void one(int worker, int index, double *launch, double *whole) {
  char path[256], layer[256];
  usleep(rest_ms * 1000);
  double begin = now_ms();
  for (int i = 0; i < controller_count; i++) {
    cgroup_path(path, sizeof path, i, worker, index, "");
    if (mkdir(path, 0755)) die("make cgroup", path);
    for (size_t limit = 0; limit < sizeof LIMITS / sizeof *LIMITS; limit++) {
      if (strcmp(controllers[i], LIMITS[limit].controller)) continue;
      cgroup_path(path, sizeof path, i, worker, index, LIMITS[limit].file);
      write_file(path, LIMITS[limit].value);
    }
  }
  layer_path(layer, sizeof layer, worker, index, "");
  for (size_t i = 0; layers && i < sizeof LAYERS / sizeof *LAYERS; i++) {
    layer_path(path, sizeof path, worker, index, LAYERS[i]);
    if (mkdir(path, 0755)) die("make directory", path);
  }
  int executed[2], attached[2];
  if (pipe2(executed, O_CLOEXEC) || pipe2(attached, O_CLOEXEC)) die("make pipe", NULL);
  struct clone_args args = {
      .flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP | (with_net ? CLONE_NEWNET : 0),
      .exit_signal = SIGCHLD,
  };
  pid_t pid = syscall(SYS_clone3, &args, sizeof args);
  if (pid < 0) die("clone", NULL);
  if (pid == 0) {
    char byte;
    close(attached[1]);
    if (read(attached[0], &byte, 1) < 0) die("wait for", "the parent");
    inside(layer);
  }
  for (int i = 0; i < controller_count; i++) {
    char text[16];
    snprintf(text, sizeof text, "%d", pid);
    cgroup_path(path, sizeof path, i, worker, index, "/cgroup.procs");
    write_file(path, text);
  }
  close(attached[0]);
  close(attached[1]);
  close(executed[1]);
  char byte;
  if (read(executed[0], &byte, 1) < 0) die("wait for", "exec");
  *launch = now_ms() - begin;
  close(executed[0]);
  int status;
  if (waitpid(pid, &status, 0) < 0) die("wait for", "the container");
  if (WIFEXITED(status) && WEXITSTATUS(status) == 111) exit(1);
  for (int i = 0; i < controller_count; i++) {
    cgroup_path(path, sizeof path, i, worker, index, "");
    while (rmdir(path))
      if (errno != EBUSY) die("remove cgroup", path);
  }
  if (layers) {
    /* The kernel has made one of its own in there. */
    layer_path(path, sizeof path, worker, index, "/work/work");
    if (rmdir(path)) die("remove directory", path);
  }
  for (size_t i = sizeof LAYERS / sizeof *LAYERS; layers && i-- > 0;) {
    layer_path(path, sizeof path, worker, index, LAYERS[i]);
    if (rmdir(path)) die("remove directory", path);
  }
  *whole = now_ms() - begin;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double cpu_ms(void) {
  double sum = 0;
  int who[] = {RUSAGE_SELF, RUSAGE_CHILDREN};
  for (int i = 0; i < 2; i++) {
    struct rusage u;
    getrusage(who[i], &u);
    sum += (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e3 + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e3;
  }
  return sum;
}

static void parse_controllers(char *list) {
  for (char *name = strtok(list, ","); name && controller_count < MAX_CONTROLLERS; name = strtok(NULL, ",")) controllers[controller_count++] = name;
}

int main(int argc, char **argv) {
  int count = 100, workers = 1, option;
  while ((option = getopt(argc, argv, "+n:p:i:r:o:c:x:")) != -1) {
    if (option == 'n') count = atoi(optarg);
    else if (option == 'p') workers = atoi(optarg);
    else if (option == 'i') rest_ms = atoi(optarg);
    else if (option == 'r') rootfs = optarg;
    else if (option == 'o') layers = optarg;
    else if (option == 'c') parse_controllers(optarg);
    else if (option == 'x') with_net = !strcmp(optarg, "net");
    else return 2;
  }
  if (optind >= argc || count < 1 || workers < 1) return fprintf(stderr, "usage: floor [-n N] [-p P] [-i MS] [-r ROOTFS [-o DIRECTORY]] [-c cpu,memory,…] [-x net] PROGRAM …\n"), 2;
  program = argv + optind;
  size_t size = 2 * sizeof(double) * count * workers;
  double *times = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (times == MAP_FAILED) die("map", "the results");
  double begin = now_ms();
  for (int w = 0; w < workers; w++) {
    pid_t pid = fork();
    if (pid < 0) die("fork", NULL);
    if (pid > 0) continue;
    for (int i = 0; i < count; i++) one(w, i, &times[w * count + i], &times[(workers + w) * count + i]);
    exit(0);
  }
  int failed = 0, status;
  for (int w = 0; w < workers; w++) failed |= wait(&status) < 0 || status != 0;
  double wall = now_ms() - begin;
  if (failed) return 1;
  int total = count * workers;
  double *launch = times, *whole = times + total;
  qsort(launch, total, sizeof(double), ascending);
  qsort(whole, total, sizeof(double), ascending);
  printf("{\"launchP50\":%.3f,\"launchP99\":%.3f,\"wholeP50\":%.3f,\"wholeP99\":%.3f,\"cpuMs\":%.3f,\"perSecond\":%.1f}\n", launch[total / 2],
         launch[total * 99 / 100], whole[total / 2], whole[total * 99 / 100], cpu_ms() / total, total * 1e3 / wall);
  return 0;
}
