"""The filters decide as the table says, on this architecture and on the other the box runs on."""

from __future__ import annotations

import errno
import os
import struct

import pyseccomp
import pytest

from appliance.reading.syscalls import ALLOWED, LIMITED, REFUSED, STARTING, Stage, _exported, compiled, described

X86_64, AARCH64 = pyseccomp.Arch.X86_64, pyseccomp.Arch.AARCH64
BOTH = pytest.mark.parametrize("architecture", [X86_64, AARCH64], ids=["x86-64", "aarch64"])
ALLOW, KILL, REFUSE, UNKNOWN = (
    pyseccomp.ALLOW, pyseccomp.KILL_PROCESS, pyseccomp.ERRNO(errno.EPERM), pyseccomp.ERRNO(errno.ENOSYS),
)  # fmt: skip
ESCAPES = (
    "socket connect bind ptrace mount keyctl bpf perf_event_open userfaultfd unshare setns kexec_load init_module "
    "process_vm_readv process_vm_writev io_uring_setup execve execveat kill memfd_create pivot_root chroot"
)
THREAD, NEW_NETWORK = 0x003D0F00, 0x40000000


def verdict(program: bytes, architecture: int, number: int, *arguments: int) -> int:
    """Run a filter as the kernel would (classic BPF over ``struct seccomp_data``)."""
    data = struct.pack("<iIQ6Q", number, architecture, 0, *(*arguments, *(0,) * 6)[:6])
    steps = list(struct.iter_unpack("<HBBI", program))
    at = accumulator = 0
    while True:
        code, yes, no, operand = steps[at]
        at += 1
        match code:
            case 0x20:
                (accumulator,) = struct.unpack_from("<I", data, operand)
            case 0x54:
                accumulator &= operand
            case 0x05:
                at += operand
            case 0x15:
                at += yes if accumulator == operand else no
            case 0x25:
                at += yes if accumulator > operand else no
            case 0x35:
                at += yes if accumulator >= operand else no
            case 0x06:
                return operand
            case _:
                pytest.fail(f"an instruction this test does not know: {code:#x}")


def asked(stage: Stage, architecture: int, name: str, *arguments: int) -> int:
    number = pyseccomp.resolve_syscall(architecture, name)
    assert number >= 0, f"{name} is no call of this architecture"
    return verdict(_exported(described(stage, architecture)), architecture, number, *arguments)


@BOTH
@pytest.mark.parametrize("name", ["read", "mmap", "futex", "recvmsg", "sendto", "exit_group", "getrandom", "statx"])
def test_what_a_parser_needs_is_allowed(name: str, architecture: int) -> None:
    assert asked(Stage.WORK, architecture, name) == ALLOW


@BOTH
@pytest.mark.parametrize("name", ESCAPES.split())
def test_what_an_escape_needs_is_refused(name: str, architecture: int) -> None:
    assert asked(Stage.WORK, architecture, name) == REFUSE


@BOTH
def test_only_before_work_may_a_program_be_started_and_a_filter_be_taken_on(architecture: int) -> None:
    for name in ("execve", "wait4"):
        assert asked(Stage.START, architecture, name) == ALLOW
        assert asked(Stage.WORK, architecture, name) != ALLOW
    assert asked(Stage.START, architecture, "prctl", 22) == ALLOW
    assert asked(Stage.WORK, architecture, "prctl", 22) == UNKNOWN


@BOTH
def test_a_thread_may_be_made_and_no_process(architecture: int) -> None:
    for stage in Stage:
        assert asked(stage, architecture, "clone", THREAD) == ALLOW
        assert asked(stage, architecture, "clone", 0x11) == REFUSE
        assert asked(stage, architecture, "clone", THREAD | NEW_NETWORK) == UNKNOWN
        assert asked(stage, architecture, "clone3") == UNKNOWN


@BOTH
@pytest.mark.parametrize("flag", [os.O_WRONLY, os.O_RDWR, os.O_CREAT, os.O_TRUNC, os.O_RDWR | os.O_CREAT])
def test_a_file_may_be_opened_to_read_and_no_other_way(flag: int, architecture: int) -> None:
    assert asked(Stage.WORK, architecture, "openat", 0, 0, os.O_CLOEXEC | os.O_NOFOLLOW) == ALLOW
    assert asked(Stage.WORK, architecture, "openat", 0, 0, os.O_CLOEXEC | flag) == REFUSE


@BOTH
def test_its_own_limits_may_be_set_and_nobody_elses(architecture: int) -> None:
    assert asked(Stage.WORK, architecture, "prlimit64", 0) == ALLOW
    assert asked(Stage.WORK, architecture, "prlimit64", 1) == UNKNOWN


@BOTH
def test_a_call_from_another_architecture_ends_the_process(architecture: int) -> None:
    program = _exported(described(Stage.WORK, architecture))
    assert verdict(program, pyseccomp.Arch.X86, 1) == KILL


def test_calls_by_the_old_names_are_refused_where_they_exist() -> None:
    for name in ("fork", "vfork", "creat", "unlink", "rename"):
        assert asked(Stage.WORK, X86_64, name) == REFUSE
    assert asked(Stage.WORK, X86_64, "open", 0, os.O_RDONLY) == ALLOW
    assert asked(Stage.WORK, X86_64, "open", 0, os.O_RDWR) == REFUSE


def test_no_call_is_both_free_and_refused() -> None:
    free = [name for group in ALLOWED for name in group.split()]
    assert len(free) == len(set(free))
    assert not set(free) & {*REFUSED.split(), *STARTING.split(), *LIMITED}
    assert not set(LIMITED) & set(REFUSED.split())


def test_what_is_compiled_is_the_filter_of_this_machine() -> None:
    for stage in Stage:
        assert compiled(stage) == _exported(described(stage, pyseccomp.Arch.NATIVE))
