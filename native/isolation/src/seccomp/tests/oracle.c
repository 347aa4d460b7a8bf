/* Rules on stdin, as tests/libseccomp.rs writes them; libseccomp's program for them on stdout. */
#include <inttypes.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>

static const enum scmp_compare operators[] = {
    SCMP_CMP_EQ, SCMP_CMP_NE, SCMP_CMP_GT, SCMP_CMP_GE, SCMP_CMP_LT, SCMP_CMP_LE, SCMP_CMP_MASKED_EQ,
};

int main(void) {
    uint32_t action;
    int more, count;
    char name[64];
    if (scanf("%" SCNu32 " %d", &action, &more) != 2) return 2;
    scmp_filter_ctx filter = seccomp_init(action);
    if (!filter) return 3;
    if (more && (seccomp_arch_add(filter, SCMP_ARCH_X86) || seccomp_arch_add(filter, SCMP_ARCH_X32))) return 4;
    while (scanf("%63s %" SCNu32 " %d", name, &action, &count) == 3) {
        struct scmp_arg_cmp conditions[6];
        for (int at = 0; at < count; at++) {
            unsigned index, operator;
            uint64_t value, value_two;
            if (scanf("%u %u %" SCNu64 " %" SCNu64, &index, &operator, &value, &value_two) != 4) return 5;
            conditions[at] = (struct scmp_arg_cmp){ index, operators[operator], value, value_two };
        }
        int number = seccomp_syscall_resolve_name(name);
        int result = seccomp_rule_add_array(filter, action, number, count, conditions);
        if (result) {
            fprintf(stderr, "%s: %s\n", name, strerror(-result));
            return 6;
        }
    }
    return seccomp_export_bpf(filter, 1) ? 7 : 0;
}
