"""Which system calls a reading worker may make: one table, compiled into two seccomp filters.

An allow-list, because what a parser needs is short and known and what a kernel
offers is neither. A call that is not named does not exist for the worker
(ENOSYS: a library that tries something newer falls back to what it did before);
a call that is named as refused is not permitted (EPERM). The start filter lets
an interpreter be started and holds for everything inside the walls; the worker
takes on the stricter one before it loads a parser. Names that this machine's
libseccomp does not know are left out, which allows less and never more.
"""

from __future__ import annotations

import errno
import os
from enum import IntEnum
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import pyseccomp


class Stage(IntEnum):
    """What a filter is for."""

    START = 0
    WORK = 1


class Only(NamedTuple):
    """A call that is allowed where one argument, or the bits of a mask in it, has one of some values.

    Attributes:
        argument: Its place, from 0.
        values: Each is allowed.
        mask: The bits that count.
        refused: Bits and the value they have in what an escape would try; refused rather than unknown.
    """

    argument: int
    values: tuple[int, ...]
    mask: int = 0xFFFF_FFFF
    refused: tuple[tuple[int, int], ...] = ()


MEMORY = "brk madvise membarrier mmap mprotect mremap munmap"
FILES = (
    "access close close_range dup dup2 dup3 faccessat faccessat2 fadvise64 fcntl fstat fstatfs getcwd getdents "
    "getdents64 lseek lstat newfstatat pread64 preadv preadv2 read readlink readlinkat readv stat "
    "statfs statx write writev"
)
WAITING = (
    "clock_getres clock_gettime clock_nanosleep epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 "
    "epoll_wait eventfd eventfd2 futex futex_waitv getitimer gettimeofday nanosleep pipe pipe2 poll ppoll pselect6 "
    "select sched_yield setitimer time times"
)
ITSELF = (
    "arch_prctl exit exit_group get_robust_list getcpu getegid geteuid getgid getpgid getpgrp getpid getppid "
    "getpriority getrandom getresgid getresuid getrlimit getrusage getsid gettid getuid restart_syscall "
    "rseq rt_sigaction rt_sigpending rt_sigprocmask rt_sigreturn rt_sigtimedwait sched_get_priority_max "
    "sched_get_priority_min sched_getaffinity sched_getparam sched_getscheduler sched_setaffinity set_robust_list "
    "set_tid_address setrlimit sigaltstack sysinfo tgkill uname"
)
CHANNEL = "getsockname getsockopt recvfrom recvmsg sendto shutdown"
"""The worker's socket is handed to it; it can make none."""

ALLOWED = (MEMORY, FILES, WAITING, ITSELF, CHANNEL)

_THREAD, _NAMESPACES = 0x0001_0000, 0x7E02_0000
_THREAD_NAME, _READ_THREAD_NAME, _NAME_MEMORY = 15, 16, 0x53564D41
_HAS_FILTER, _HAS_NO_NEW_PRIVILEGES = 21, 39
_TERMINAL_KIND, _NOT_BLOCKING, _WAITING_BYTES, _CLOSE_AT_EXEC, _KEEP_AT_EXEC = 0x5401, 0x5421, 0x541B, 0x5451, 0x5450
_AF_UNIX = 1
_CHANGING = (os.O_WRONLY, os.O_RDWR, os.O_CREAT, os.O_TRUNC)

LIMITED = {
    "clone": Only(0, (_THREAD,), _THREAD | _NAMESPACES, refused=((_THREAD, 0),)),
    "ioctl": Only(1, (_TERMINAL_KIND, _NOT_BLOCKING, _WAITING_BYTES, _CLOSE_AT_EXEC, _KEEP_AT_EXEC)),
    "open": Only(1, (0,), sum(_CHANGING), refused=tuple((flag, flag) for flag in _CHANGING)),
    "openat": Only(2, (0,), sum(_CHANGING), refused=tuple((flag, flag) for flag in _CHANGING)),
    "prlimit64": Only(0, (0,)),
    "prctl": Only(0, (_THREAD_NAME, _READ_THREAD_NAME, _NAME_MEMORY, _HAS_FILTER, _HAS_NO_NEW_PRIVILEGES)),
    "socketpair": Only(0, (_AF_UNIX,)),
}
"""A thread and no process; a file to read and none to change; its own limits; a descriptor's manners and no device; a
name or a question; a pair with both ends here."""

STARTING = "execve prctl wait4 waitid"
"""What bubblewrap's own first process and the start of the interpreter need besides, and what takes on a filter."""

REFUSED = (
    "accept accept4 acct add_key adjtimex bind bpf chmod chown chroot clock_settime connect creat delete_module execve "
    "execveat fanotify_init fchmod fchmodat fchown fchownat finit_module fork fsconfig fsetxattr fsmount fsopen "
    "ftruncate init_module inotify_init inotify_init1 io_setup io_uring_enter io_uring_register io_uring_setup ioperm "
    "iopl kcmp kexec_file_load kexec_load keyctl kill lchown link linkat listen lookup_dcookie memfd_create "
    "memfd_secret migrate_pages mkdir mkdirat mknod mknodat mount mount_setattr move_mount move_pages mq_open "
    "name_to_handle_at nfsservctl open_by_handle_at open_tree perf_event_open personality pidfd_getfd pidfd_open "
    "pidfd_send_signal pivot_root process_madvise process_vm_readv process_vm_writev ptrace quotactl reboot rename "
    "renameat renameat2 request_key rmdir sendmmsg sendmsg setdomainname setfsgid setfsuid setgid setgroups "
    "sethostname setns setregid setresgid setresuid setreuid setsid settimeofday setuid shmat shmget socket swapoff "
    "swapon symlink symlinkat syslog tkill truncate umount2 unlink unlinkat unshare uselib userfaultfd utime utimensat "
    "utimes vfork vhangup"
)
"""What an escape would try. Not permitted, rather than unknown, so that what was tried can be told."""


UNKNOWN_CALL = -1
"""What libseccomp answers for a name that it does not know."""


class NoFilterError(Exception):
    """No filter can be compiled here; says why."""


@cache
def compiled(stage: Stage) -> bytes:
    """Return a filter for this machine, as the kernel takes it.

    Raises:
        NoFilterError: libseccomp or pyseccomp is missing.
    """
    try:
        import pyseccomp
    except (ImportError, RuntimeError, OSError) as error:
        message = f"{error}"
        raise NoFilterError(message) from error
    try:
        return _exported(described(stage, pyseccomp.Arch.NATIVE))
    except (OSError, ValueError) as error:
        message = f"libseccomp refuses the filter: {error}"
        raise NoFilterError(message) from error


def described(stage: Stage, architecture: int) -> pyseccomp.SyscallFilter:
    """Return the filter of one stage for one architecture.

    Args:
        stage: What it is for.
        architecture: One of ``pyseccomp.Arch``.
    """
    import pyseccomp

    made = pyseccomp.SyscallFilter(pyseccomp.ERRNO(errno.ENOSYS))
    made.set_attr(pyseccomp.Attr.ACT_BADARCH, pyseccomp.KILL_PROCESS)
    if architecture not in (pyseccomp.Arch.NATIVE, pyseccomp.system_arch()):
        made.add_arch(architecture)
        made.remove_arch(pyseccomp.system_arch())
    free = {name for group in ALLOWED for name in group.split()}
    if stage is Stage.START:
        free |= set(STARTING.split())
    for name in filter(_is_known, free):
        made.add_rule(pyseccomp.ALLOW, name)
    for name in filter(_is_known, LIMITED.keys() - free):
        argument, values, mask, refused = LIMITED[name]
        for value in values:
            made.add_rule(pyseccomp.ALLOW, name, pyseccomp.Arg(argument, pyseccomp.MASKED_EQ, mask, value))
        for bits, value in refused:
            made.add_rule(pyseccomp.ERRNO(errno.EPERM), name, pyseccomp.Arg(argument, pyseccomp.MASKED_EQ, bits, value))
    for name in filter(_is_known, set(REFUSED.split()) - free):
        made.add_rule(pyseccomp.ERRNO(errno.EPERM), name)
    return made


def _is_known(name: str) -> bool:
    import pyseccomp

    return bool(pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name) != UNKNOWN_CALL)


def _exported(made: pyseccomp.SyscallFilter) -> bytes:
    descriptor = os.memfd_create("filter")
    with open(descriptor, "w+b") as file:  # noqa: PTH123 - a descriptor, not a path
        made.export_bpf(file)
        file.seek(0)
        return file.read()
