import type { DockerProfile, ProfileRule } from './profile.js'

/**
 * What containers with an image run under unless somebody says otherwise (docs/design/process-security.md). Written by what calls can do: what most
 * programs need is allowed; what changes the host, reaches other containers, or has been the way into the kernel too often is not, unless the container
 * has the capability that is meant for it. Only the host's own architecture: the kernel's other entries are killed (S44).
 */
const EVERYBODY = `
  accept accept4 access adjtimex alarm arch_prctl bind brk cachestat capget capset chdir chmod chown clock_getres clock_gettime
  clock_nanosleep close close_range connect copy_file_range creat dup dup2 dup3 epoll_create epoll_create1 epoll_ctl epoll_pwait
  epoll_pwait2 epoll_wait eventfd eventfd2 execve execveat exit exit_group faccessat faccessat2 fadvise64 fallocate
  fanotify_mark fchdir fchmod fchmodat fchmodat2 fchown fchownat fcntl fdatasync fgetxattr file_getattr file_setattr flistxattr
  flock fork fremovexattr fsetxattr fstat fstatfs fsync ftruncate futex futex_requeue futex_wait futex_waitv futex_wake
  futimesat get_robust_list get_thread_area getcpu getcwd getdents getdents64 getegid geteuid getgid getgroups getitimer
  getpeername getpgid getpgrp getpid getppid getpriority getrandom getresgid getresuid getrlimit getrusage getsid getsockname
  getsockopt gettid gettimeofday getuid getxattr getxattrat inotify_add_watch inotify_init inotify_init1 inotify_rm_watch
  io_cancel io_destroy io_getevents io_pgetevents io_setup io_submit ioprio_get ioprio_set kill landlock_add_rule
  landlock_create_ruleset landlock_restrict_self lchown lgetxattr link linkat listen listmount listxattr listxattrat llistxattr
  lremovexattr lseek lsetxattr lsm_get_self_attr lsm_list_modules lstat madvise map_shadow_stack membarrier memfd_create
  memfd_secret mincore mkdir mkdirat mknod mknodat mlock mlock2 mlockall mmap modify_ldt mprotect mq_getsetattr mq_notify
  mq_open mq_timedreceive mq_timedsend mq_unlink mremap mseal msgctl msgget msgrcv msgsnd msync munlock munlockall munmap
  name_to_handle_at nanosleep newfstatat open openat openat2 pause pidfd_open pidfd_send_signal pipe pipe2 pkey_alloc pkey_free
  pkey_mprotect poll ppoll prctl pread64 preadv preadv2 prlimit64 process_mrelease pselect6 pwrite64 pwritev pwritev2 read
  readahead readlink readlinkat readv recvfrom recvmmsg recvmsg remap_file_pages removexattr removexattrat rename renameat
  renameat2 restart_syscall rmdir rseq rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend
  rt_sigtimedwait rt_tgsigqueueinfo sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr sched_getparam
  sched_getscheduler sched_rr_get_interval sched_setaffinity sched_setattr sched_setparam sched_setscheduler sched_yield seccomp
  select semctl semget semop semtimedop sendfile sendmmsg sendmsg sendto set_robust_list set_thread_area set_tid_address
  setfsgid setfsuid setgid setgroups setitimer setpgid setpriority setregid setresgid setresuid setreuid setrlimit setsid
  setsockopt setuid setxattr setxattrat shmat shmctl shmdt shmget shutdown sigaltstack signalfd signalfd4 socketpair splice stat
  statfs statmount statx symlink symlinkat sync sync_file_range syncfs sysinfo tee tgkill time timer_create timer_delete
  timer_getoverrun timer_gettime timer_settime timerfd_create timerfd_gettime timerfd_settime times tkill truncate umask uname
  unlink unlinkat uprobe uretprobe utime utimensat utimes vfork vmsplice wait4 waitid write writev
`

/** Calls that do nothing without a capability, or nothing good. */
const BY_CAPABILITY: Readonly<Record<string, string>> = {
  BPF: 'bpf',
  DAC_READ_SEARCH: 'open_by_handle_at',
  PERFMON: 'perf_event_open',
  SYS_ADMIN: `
    bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie lsm_set_self_attr mount mount_setattr move_mount open_tree
    open_tree_attr perf_event_open pivot_root quotactl quotactl_fd setdomainname sethostname setns swapoff swapon syslog umount2 unshare`,
  SYS_BOOT: 'kexec_file_load kexec_load reboot',
  SYS_CHROOT: 'chroot',
  SYS_MODULE: 'delete_module finit_module init_module',
  SYS_NICE: 'get_mempolicy mbind migrate_pages move_pages set_mempolicy set_mempolicy_home_node',
  SYS_PACCT: 'acct',
  SYS_PTRACE: 'kcmp pidfd_getfd process_madvise userfaultfd',
  SYS_RAWIO: 'ioperm iopl',
  SYS_TIME: 'clock_adjtime clock_settime settimeofday',
  SYS_TTY_CONFIG: 'vhangup',
  SYSLOG: 'syslog',
}

/** Every flag of clone(2) that makes a namespace: a kernel bug behind one of them is the usual way out (S42). */
const NAMESPACES = 0x7e02_0000n

/** AF_UNIX, AF_INET, AF_INET6, AF_NETLINK: not AF_ALG, AF_VSOCK and the many that nobody has looked at (S50). */
const FAMILIES = [1n, 2n, 10n, 16n]
const AF_PACKET = 17n

/** The default, Linux as of 32 bits, without randomised addresses, both, and the question what is set. */
const PERSONALITIES = [0n, 8n, 0x20000n, 0x20008n, 0xffff_ffffn]

/** Put input into a terminal that somebody else reads (S13). The kernel looks at 32 bits of the argument, so we must too. */
const TERMINAL_INJECTIONS = [0x5412n, 0x541cn]
const LOW_WORD = 0xffff_ffffn

const EIO = 5
const ENOSYS = 38
const EAFNOSUPPORT = 97

const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '')

const allow = (names: string, rule: Partial<ProfileRule> = {}): ProfileRule => ({
  names: words(names),
  action: 'SCMP_ACT_ALLOW',
  ...rule,
})

const equals = (value: bigint) => [{ index: 0, operator: 'SCMP_CMP_EQ', value }]
/** Holds always, so that it comes into play only where no rule before it did. */
const ANYTHING = [{ index: 0, operator: 'SCMP_CMP_GE', value: 0n }]

export const defaultProfile: DockerProfile = {
  defaultAction: 'SCMP_ACT_ERRNO',
  architectures: [],
  flags: [],
  rules: [
    allow(EVERYBODY),
    // Since 4.8 a tracer cannot change a call behind the filter's back.
    allow('process_vm_readv process_vm_writev ptrace', { includes: { minKernel: '4.8' } }),
    ...Object.entries(BY_CAPABILITY).map(([capability, names]) => allow(names, { includes: { capabilities: [capability] } })),
    allow('clone', {
      conditions: [{ index: 0, operator: 'SCMP_CMP_MASKED_EQ', value: NAMESPACES, valueTwo: 0n }],
      excludes: { capabilities: ['SYS_ADMIN'] },
    }),
    // Its flags are in memory, where no filter sees them: who hears that it does not exist uses clone (S43).
    { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errno: ENOSYS, excludes: { capabilities: ['SYS_ADMIN'] } },
    ...PERSONALITIES.map((value) => allow('personality', { conditions: equals(value) })),
    ...FAMILIES.map((value) => allow('socket', { conditions: equals(value) })),
    allow('socket', { conditions: equals(AF_PACKET), includes: { capabilities: ['NET_RAW'] } }),
    { names: ['socket'], action: 'SCMP_ACT_ERRNO', errno: EAFNOSUPPORT, conditions: ANYTHING },
    ...TERMINAL_INJECTIONS.map((valueTwo) => ({
      names: ['ioctl'],
      action: 'SCMP_ACT_ERRNO',
      errno: EIO,
      conditions: [{ index: 1, operator: 'SCMP_CMP_MASKED_EQ', value: LOW_WORD, valueTwo }],
    })),
    allow('ioctl', { conditions: ANYTHING }),
  ],
}
