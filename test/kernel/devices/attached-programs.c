/* The device programs that are attached to a cgroup itself, one name a line: what the kernel says, not what we believe. */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int bpf(int command, union bpf_attr *attributes) {
  return syscall(SYS_bpf, command, attributes, sizeof *attributes);
}

int main(int argc, char **argv) {
  uint32_t ids[64];
  union bpf_attr query;
  memset(&query, 0, sizeof query);
  int cgroup = argc > 1 ? open(argv[1], O_RDONLY | O_DIRECTORY) : -1;
  query.query.target_fd = cgroup;
  query.query.attach_type = BPF_CGROUP_DEVICE;
  query.query.prog_ids = (uintptr_t)ids;
  query.query.prog_cnt = 64;
  if (cgroup < 0 || bpf(BPF_PROG_QUERY, &query) < 0) {
    perror("query");
    return 1;
  }
  for (uint32_t i = 0; i < query.query.prog_cnt; i++) {
    struct bpf_prog_info info;
    union bpf_attr get;
    memset(&get, 0, sizeof get);
    get.prog_id = ids[i];
    int program = bpf(BPF_PROG_GET_FD_BY_ID, &get);
    memset(&info, 0, sizeof info);
    memset(&get, 0, sizeof get);
    get.info.bpf_fd = program;
    get.info.info_len = sizeof info;
    get.info.info = (uintptr_t)&info;
    if (program < 0 || bpf(BPF_OBJ_GET_INFO_BY_FD, &get) < 0) {
      perror("look at");
      return 1;
    }
    printf("%s\n", info.name);
    close(program);
  }
  return 0;
}
