/* Says as JSON what a process may do where it runs: identity, capabilities, filter, descriptors, files of the kernel, devices, sockets, system calls.
   Every attempt is harmless where it succeeds: nothing is written, arguments are invalid (reliability-security.md §3.6). What belongs to every process
   is always said, the rest for each name of a section among the arguments. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *section_separator = "", *separator = "";

static void section(const char *name) {
    printf("%s\n  \"%s\": {", section_separator, name);
    section_separator = "\n  },";
    separator = "";
}

static void say(const char *key, const char *value) {
    printf("%s\n    \"%s\": \"%s\"", separator, key, value);
    separator = ",";
}

static const char *outcome(long result) {
    return result >= 0 ? "possible" : strerrorname_np(errno);
}

static void status_of_process(void) {
    static const char *wanted[] = {"Uid", "Gid", "Groups", "Umask", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp"};
    char line[512];
    section("process");
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof line, file)) {
        char *colon = strchr(line, ':');
        if (!colon) continue;
        *colon = 0;
        for (unsigned at = 0; at < sizeof wanted / sizeof *wanted; at++) {
            if (strcmp(line, wanted[at])) continue;
            char *value = colon + 1 + strspn(colon + 1, " \t");
            value[strcspn(value, "\n")] = 0;
            for (char *c = value; *c; c++) if (*c == '\t') *c = ' ';
            while (*value && value[strlen(value) - 1] == ' ') value[strlen(value) - 1] = 0;
            say(line, value);
        }
    }
    if (file) fclose(file);
    struct rlimit core;
    getrlimit(RLIMIT_CORE, &core);
    say("core limit", core.rlim_max == RLIM_INFINITY ? "unlimited" : core.rlim_max <= 1 ? "none" : "some");
    say("session leader", getsid(0) == getpid() || getsid(0) == getppid() ? "own session" : "another's session");
}

static void namespaces(void) {
    static const char *kinds[] = {"mnt", "pid", "ipc", "uts", "net", "cgroup", "user", "time"};
    section("namespaces");
    for (unsigned at = 0; at < sizeof kinds / sizeof *kinds; at++) {
        char path[64], target[64];
        snprintf(path, sizeof path, "/proc/self/ns/%s", kinds[at]);
        ssize_t length = readlink(path, target, sizeof target - 1);
        target[length < 0 ? 0 : length] = 0;
        say(kinds[at], target);
    }
}

static void descriptors(void) {
    section("descriptors");
    for (int fd = 0; fd < 1024; fd++) {
        char key[16];
        struct stat found;
        if (fstat(fd, &found)) continue;
        snprintf(key, sizeof key, "%d", fd);
        say(key, S_ISCHR(found.st_mode) ? "character device" : S_ISREG(found.st_mode) ? "file" : S_ISSOCK(found.st_mode) ? "socket"
                 : S_ISFIFO(found.st_mode) ? "pipe" : S_ISDIR(found.st_mode) ? "directory" : "something else");
    }
}

/* How many files below can be opened for writing, and the first of them. */
static unsigned writable_below(const char *path, int depth, char *first) {
    unsigned count = 0;
    DIR *directory = depth > 12 ? NULL : opendir(path);
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        char below[1024];
        struct stat found;
        if (entry->d_name[0] == '.') continue;
        snprintf(below, sizeof below, "%s/%s", path, entry->d_name);
        if (lstat(below, &found)) continue;
        if (S_ISDIR(found.st_mode)) {
            count += writable_below(below, depth + 1, first);
        } else if (S_ISREG(found.st_mode)) {
            int fd = open(below, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
            if (fd < 0) continue;
            close(fd);
            if (!count++ && !*first) snprintf(first, 1024, "%s", below);
        }
    }
    if (directory) closedir(directory);
    return count;
}

static void writable(void) {
    static const char *trees[] = {"/proc/sys", "/proc/irq", "/proc/bus", "/proc/fs", "/sys"};
    static const char *files[] = {"/proc/sysrq-trigger", "/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/sys/kernel/uevent_helper",
                                  "/proc/sys/fs/binfmt_misc/register", "/proc/1/oom_score_adj", "/proc/1/mem", "/proc/mtrr"};
    section("writable");
    for (unsigned at = 0; at < sizeof trees / sizeof *trees; at++) {
        char first[1024] = "";
        say(trees[at], writable_below(trees[at], 0, first) ? first : "nothing");
    }
    for (unsigned at = 0; at < sizeof files / sizeof *files; at++) {
        int fd = open(files[at], O_WRONLY | O_CLOEXEC);
        say(files[at], fd >= 0 ? "WRITABLE" : "no");
        if (fd >= 0) close(fd);
    }
}

/* Absent, unreadable, empty: all the same to who wants to know. */
static int tells_something(const char *path) {
    char bytes[16];
    DIR *directory = opendir(path);
    if (directory) {
        int entries = 0;
        while (readdir(directory)) entries++;
        closedir(directory);
        return entries > 2;
    }
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) return 0;
    ssize_t length = read(fd, bytes, sizeof bytes);
    close(fd);
    return length > 0;
}

static void readable(void) {
    static const char *paths[] = {"/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/kmsg", "/proc/latency_stats",
                                  "/proc/sched_debug", "/proc/scsi", "/proc/timer_list", "/proc/timer_stats", "/proc/kpagecount", "/proc/1/environ", "/proc/1/maps",
                                  "/proc/1/root/etc", "/sys/firmware", "/sys/devices/virtual/powercap", "/sys/kernel/debug", "/sys/kernel/security", "/sys/fs/bpf"};
    section("readable");
    for (unsigned at = 0; at < sizeof paths / sizeof *paths; at++) say(paths[at], tells_something(paths[at]) ? "READABLE" : "no");
}

static void devices(void) {
    static const struct { const char *name; mode_t kind; unsigned major, minor; } nodes[] = {
        {"disk 8:0", S_IFBLK, 8, 0}, {"disk 254:0", S_IFBLK, 254, 0}, {"loop 7:0", S_IFBLK, 7, 0}, {"memory 1:1", S_IFCHR, 1, 1}, {"kmsg 1:11", S_IFCHR, 1, 11},
    };
    section("devices");
    DIR *directory = opendir("/dev");
    char names[64][64];
    int count = 0;
    for (struct dirent *entry; directory && count < 64 && (entry = readdir(directory));) {
        struct stat found;
        if (fstatat(dirfd(directory), entry->d_name, &found, AT_SYMLINK_NOFOLLOW) || !(S_ISCHR(found.st_mode) || S_ISBLK(found.st_mode))) continue;
        snprintf(names[count++], 64, "%.63s", entry->d_name);
    }
    qsort(names, count, 64, (int (*)(const void *, const void *))strcmp);
    for (int at = 0; at < count; at++) {
        int fd = openat(dirfd(directory), names[at], O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        char key[80];
        snprintf(key, sizeof key, "/dev/%.63s", names[at]);
        say(key, outcome(fd));
        if (fd >= 0) close(fd);
    }
    if (directory) closedir(directory);
    for (unsigned at = 0; at < sizeof nodes / sizeof *nodes; at++) {
        char path[64];
        snprintf(path, sizeof path, "/tmp/probe-node-%d-%u", getpid(), at);
        say(nodes[at].name, outcome(mknod(path, nodes[at].kind | 0600, makedev(nodes[at].major, nodes[at].minor))));
        unlink(path);
    }
}

static void sockets(void) {
    static const struct { const char *name; int family, type, protocol; } kinds[] = {
        {"unix", 1, SOCK_STREAM, 0}, {"inet", 2, SOCK_STREAM, 0}, {"inet raw", 2, SOCK_RAW, 1}, {"inet6", 10, SOCK_DGRAM, 0}, {"netlink", 16, SOCK_RAW, 0},
        {"packet", 17, SOCK_RAW, 0}, {"alg", 38, SOCK_SEQPACKET, 0}, {"vsock", 40, SOCK_STREAM, 0}, {"bluetooth", 31, SOCK_RAW, 1}, {"can", 29, SOCK_RAW, 1},
        {"rds", 21, SOCK_SEQPACKET, 0}, {"tipc", 30, SOCK_SEQPACKET, 0}, {"xdp", 44, SOCK_RAW, 0},
    };
    section("sockets");
    for (unsigned at = 0; at < sizeof kinds / sizeof *kinds; at++) {
        int fd = socket(kinds[at].family, kinds[at].type, kinds[at].protocol);
        say(kinds[at].name, outcome(fd));
        if (fd >= 0) close(fd);
    }
}

/* Arguments with which no kernel does anything. */
#define BAD ((long)-1)
static const struct { const char *name; long number, a, b, c, d, e; } calls[] = {
    {"acct", SYS_acct, BAD, 0, 0, 0, 0},
    {"add_key", SYS_add_key, BAD, BAD, 0, 0, 0},
    {"bpf", SYS_bpf, 9999, 0, 0, 0, 0},
    {"chroot", SYS_chroot, BAD, 0, 0, 0, 0},
    {"clock_adjtime", SYS_clock_adjtime, 0, BAD, 0, 0, 0},
    {"clock_settime", SYS_clock_settime, 0, BAD, 0, 0, 0},
    {"clone3", SYS_clone3, 0, 0, 0, 0, 0},
    {"delete_module", SYS_delete_module, BAD, 0, 0, 0, 0},
    {"fanotify_init", SYS_fanotify_init, BAD, BAD, 0, 0, 0},
    {"finit_module", SYS_finit_module, BAD, 0, 0, 0, 0},
    {"fsconfig", SYS_fsconfig, BAD, 0, 0, 0, 0},
    {"fsmount", SYS_fsmount, BAD, 0, 0, 0, 0},
    {"fsopen", SYS_fsopen, BAD, 0, 0, 0, 0},
    {"fspick", SYS_fspick, BAD, BAD, 0, 0, 0},
    {"get_mempolicy", SYS_get_mempolicy, BAD, BAD, 0, 0, 9999},
    {"init_module", SYS_init_module, BAD, 0, BAD, 0, 0},
    {"io_uring_enter", SYS_io_uring_enter, BAD, 0, 0, 0, 0},
    {"io_uring_register", SYS_io_uring_register, BAD, 0, 0, 0, 0},
    {"io_uring_setup", SYS_io_uring_setup, 0, BAD, 0, 0, 0},
    {"ioperm", SYS_ioperm, BAD, 1, 1, 0, 0},
    {"iopl", SYS_iopl, 9, 0, 0, 0, 0},
    {"kcmp", SYS_kcmp, BAD, BAD, 99, 0, 0},
    {"kexec_file_load", SYS_kexec_file_load, BAD, BAD, 0, 0, BAD},
    {"kexec_load", SYS_kexec_load, 0, 9999, BAD, BAD, 0},
    {"keyctl", SYS_keyctl, 9999, 0, 0, 0, 0},
    {"lookup_dcookie", SYS_lookup_dcookie, 0, 0, 0, 0, 0},
    {"mbind", SYS_mbind, 1, 1, 9999, 0, 0},
    {"migrate_pages", SYS_migrate_pages, BAD, 0, 0, 0, 0},
    {"mount", SYS_mount, BAD, BAD, BAD, 0, BAD},
    {"mount_setattr", SYS_mount_setattr, BAD, BAD, BAD, 0, 0},
    {"move_mount", SYS_move_mount, BAD, BAD, BAD, BAD, BAD},
    {"move_pages", SYS_move_pages, BAD, 0, 0, 0, 0},
    {"open_by_handle_at", SYS_open_by_handle_at, BAD, BAD, 0, 0, 0},
    {"open_tree", SYS_open_tree, BAD, BAD, BAD, 0, 0},
    {"perf_event_open", SYS_perf_event_open, BAD, 0, 0, BAD, 0},
    {"pidfd_getfd", SYS_pidfd_getfd, BAD, BAD, 0, 0, 0},
    {"pivot_root", SYS_pivot_root, BAD, BAD, 0, 0, 0},
    {"process_madvise", SYS_process_madvise, BAD, 0, 0, 0, 0},
    {"quotactl", SYS_quotactl, BAD, BAD, 0, 0, 0},
    {"quotactl_fd", SYS_quotactl_fd, BAD, BAD, 0, 0, 0},
    {"reboot", SYS_reboot, 0, 0, 0, 0, 0},
    {"request_key", SYS_request_key, BAD, 0, 0, 0, 0},
    {"set_mempolicy", SYS_set_mempolicy, 9999, 0, 0, 0, 0},
    {"setdomainname", SYS_setdomainname, BAD, BAD, 0, 0, 0},
    {"sethostname", SYS_sethostname, BAD, BAD, 0, 0, 0},
    {"setns", SYS_setns, BAD, 0, 0, 0, 0},
    {"settimeofday", SYS_settimeofday, BAD, BAD, 0, 0, 0},
    {"swapoff", SYS_swapoff, BAD, 0, 0, 0, 0},
    {"swapon", SYS_swapon, BAD, 0, 0, 0, 0},
    {"sysfs", SYS_sysfs, 99, 0, 0, 0, 0},
    {"syslog", SYS_syslog, 99, 0, 0, 0, 0},
    {"umount2", SYS_umount2, BAD, 0, 0, 0, 0},
    {"unshare user", SYS_unshare, CLONE_NEWUSER, 0, 0, 0, 0},
    {"unshare files", SYS_unshare, CLONE_FILES, 0, 0, 0, 0},
    {"uselib", SYS_uselib, BAD, 0, 0, 0, 0},
    {"userfaultfd", SYS_userfaultfd, BAD, 0, 0, 0, 0},
    {"ustat", SYS_ustat, BAD, BAD, 0, 0, 0},
    {"vhangup", SYS_vhangup, 0, 0, 0, 0, 0},
    {"ioctl TIOCSTI", SYS_ioctl, 0, 0x5412, 0, 0, 0},
    {"ioctl TIOCSTI with high bits", SYS_ioctl, 0, 0x100005412, 0, 0, 0},
    {"ioctl TIOCLINUX", SYS_ioctl, 0, 0x541c, 0, 0, 0},
    {"personality of another machine", SYS_personality, PER_LINUX32 | 0x0400000, 0, 0, 0, 0},
    {"a call of tomorrow", 999, 0, 0, 0, 0, 0},
};

static long clone_with(unsigned long flags) {
    long child = syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);
    if (!child) _exit(0);
    if (child > 0) waitpid(child, NULL, 0);
    return child;
}

/* getpid by the entry for 32-bit programs; what the child tells is how it ended. */
static const char *narrow_call(void) {
#ifdef __x86_64__
    int status;
    pid_t child = fork();
    if (!child) {
        long result;
        __asm__ volatile("int $0x80" : "=a"(result) : "a"(20L) : "memory", "r8", "r9", "r10", "r11");
        _exit(result > 0 ? 0 : 1);
    }
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS ? "killed" : WIFEXITED(status) && !WEXITSTATUS(status) ? "possible" : "refused";
#else
    return "killed";
#endif
}

static const char *x32_call(void) {
    int status;
    pid_t child = fork();
    if (!child) _exit(syscall(0x40000000 + 39) > 0 ? 0 : 1);
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS ? "killed" : WEXITSTATUS(status) ? "refused" : "possible";
}

static void system_calls(void) {
    section("calls");
    for (unsigned at = 0; at < sizeof calls / sizeof *calls; at++) {
        errno = 0;
        say(calls[at].name, outcome(syscall(calls[at].number, calls[at].a, calls[at].b, calls[at].c, calls[at].d, calls[at].e)));
    }
    say("clone", outcome(clone_with(0)));
    say("clone user", outcome(clone_with(CLONE_NEWUSER)));
    say("clone net", outcome(clone_with(CLONE_NEWNET)));
    say("clone mount", outcome(clone_with(CLONE_NEWNS)));
    say("32-bit entry", narrow_call());
    say("x32 entry", x32_call());
}

int main(int count, char **arguments) {
    printf("{");
    status_of_process();
    namespaces();
    descriptors();
    for (int at = 1; at < count; at++) {
        if (!strcmp(arguments[at], "writable")) writable();
        if (!strcmp(arguments[at], "readable")) readable();
        if (!strcmp(arguments[at], "devices")) devices();
        if (!strcmp(arguments[at], "sockets")) sockets();
        if (!strcmp(arguments[at], "calls")) system_calls();
    }
    printf("\n  }\n}\n");
    return 0;
}
