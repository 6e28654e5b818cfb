/* Another clock for every program that is started with it: the real one, and DAYS days more.

   LD_PRELOAD=clock.so DAYS=3 loa serve

   What lies in the data folder is as much younger: its times are the kernel's, and an upload of today would be a week old.
   libfaketime makes time.sleep() fail on Debian 12. What waits (CLOCK_MONOTONIC) keeps its clock. No library is used,
   so it runs on every Linux of this machine, whatever its C library. */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

extern char **environ;

static long days(void) {
    for (char **each = environ; each && *each; each++) {
        const char *at = *each;
        if (at[0] == 'D' && at[1] == 'A' && at[2] == 'Y' && at[3] == 'S' && at[4] == '=') {
            long found = 0;
            for (at += 5; *at >= '0' && *at <= '9'; at++) found = found * 10 + (*at - '0');
            return found;
        }
    }
    return 0;
}

static long asked(clockid_t clock, struct timespec *out) {
    long result;
    __asm__ volatile("syscall" : "=a"(result) : "a"(SYS_clock_gettime), "D"((long)clock), "S"(out) : "rcx", "r11", "memory");
    return result;
}

int clock_gettime(clockid_t clock, struct timespec *out) {
    if (asked(clock, out)) return -1;
    if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) out->tv_sec += days() * 86400;
    return 0;
}

time_t time(time_t *out) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out) *out = now.tv_sec;
    return now.tv_sec;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone) {
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    out->tv_sec = now.tv_sec;
    out->tv_usec = now.tv_nsec / 1000;
    return 0;
}

static int looked(int folder, const char *path, struct stat *out, int flags) {
    long result;
    register long how __asm__("r10") = flags;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(SYS_newfstatat), "D"((long)folder), "S"(path), "d"(out), "r"(how)
                     : "rcx", "r11", "memory");
    if (result < 0) {
        errno = (int)-result;
        return -1;
    }
    const char *begins = "/srv/loa/";
    while (*begins && *begins == *path) begins++, path++;
    if (!*begins) out->st_mtim.tv_sec += days() * 86400;
    return 0;
}

int stat(const char *restrict path, struct stat *restrict out) { return looked(AT_FDCWD, path, out, 0); }
int stat64(const char *restrict path, struct stat *restrict out) { return looked(AT_FDCWD, path, out, 0); }
int lstat(const char *restrict path, struct stat *restrict out) { return looked(AT_FDCWD, path, out, AT_SYMLINK_NOFOLLOW); }
int lstat64(const char *restrict path, struct stat *restrict out) { return looked(AT_FDCWD, path, out, AT_SYMLINK_NOFOLLOW); }
