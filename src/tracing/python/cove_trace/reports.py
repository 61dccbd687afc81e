"""Records on Cove's FIFO (src/tracing/records.ts): whole lines, at most 4,096 bytes a write, never blocking. What can't be
written is kept and tried again; beyond a bound all of it is dropped, which only means that it stays unknown."""

import _signal
import atexit
import os
import sys
from _collections import deque
from _thread import allocate_lock, start_new_thread
from stat import S_ISFIFO
from time import monotonic_ns, sleep

#: Bytes of one write (PIPE_BUF on Linux), and of all that is kept.
WRITE_MOST = 4096
KEPT_MOST = 256 * 1024
#: Where the FIFO is full, or nobody reads it: the next try comes after this, seconds, then after twice that, and so on.
AGAIN = 0.005
AGAIN_MOST = 1.0

_pipe = os.environ.get("COVE_TRACE_PIPE")
_lines = deque()
_kept = 0
_busy = allocate_lock()
_retrying = False
_fd = -1
#: What the descriptor was when it was opened: a program that closes all of them may give its number to something else.
_identity = None
_libraries = set()


def now():
    """Microseconds of CLOCK_MONOTONIC."""
    return monotonic_ns() // 1000


def hello():
    version = "%d.%d.%d" % sys.version_info[:3]
    report("h %d python %s" % (os.getpid(), version))


def library(name):
    """Tells once that a library is followed here."""
    if name not in _libraries:
        _libraries.add(name)
        report("l %d %s" % (os.getpid(), name))


def report(line):
    global _kept
    if not _pipe:
        return
    if _kept > KEPT_MOST:
        _lines.clear()
        _kept = 0
    _lines.append(line.encode("ascii") + b"\n")
    _kept += len(line) + 1
    if not _retrying:
        _flush()


def _flush():
    # Another thread writes, or a signal came within: whoever holds it looks again for what came meanwhile.
    while _lines and _busy.acquire(False):
        try:
            done = _write_all()
        finally:
            _busy.release()
        if not done:
            _retry_later()
            return


def _write_all():
    """False: the FIFO takes no more now."""
    global _kept
    while _lines:
        fd = _open()
        if fd < 0:
            return False
        chunk, count = b"", 0
        for line in list(_lines):
            if len(chunk) + len(line) > WRITE_MOST:
                break
            chunk += line
            count += 1
        if count == 0:
            # Longer than any record is.
            _lines.popleft()
            continue
        try:
            _write(fd, chunk)
        except BlockingIOError:
            return False
        except OSError:
            _close()
            return False
        _kept = max(0, _kept - len(chunk))
        for _ in range(count):
            _lines.popleft()
    return True


def _write(fd, chunk):
    if _signal.getsignal(_signal.SIGPIPE) != _signal.SIG_DFL:
        os.write(fd, chunk)
        return
    # A program that dies of SIGPIPE, as many do at a terminal, is not to die of this.
    before = _signal.pthread_sigmask(_signal.SIG_BLOCK, {_signal.SIGPIPE})
    try:
        os.write(fd, chunk)
    except BrokenPipeError:
        if _signal.SIGPIPE not in before and _signal.SIGPIPE in _signal.sigpending():
            _signal.sigwait({_signal.SIGPIPE})
        raise
    finally:
        _signal.pthread_sigmask(_signal.SIG_SETMASK, before)


def _open():
    """The FIFO's descriptor; -1: nobody reads it now."""
    global _fd, _identity
    if _fd >= 0:
        try:
            stat = os.fstat(_fd)
            if (stat.st_dev, stat.st_ino) == _identity:
                return _fd
        except OSError:
            pass
        # It is someone else's now, or closed: not to be closed here.
        _fd = -1
    try:
        fd = os.open(_pipe, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return -1
    stat = os.fstat(fd)
    if not S_ISFIFO(stat.st_mode):
        os.close(fd)
        return -1
    _identity = (stat.st_dev, stat.st_ino)
    _fd = fd
    return fd


def _close():
    global _fd
    fd, _fd = _fd, -1
    try:
        os.close(fd)
    except OSError:
        pass


def _retry_later():
    global _retrying
    if _retrying:
        return
    _retrying = True
    try:
        start_new_thread(_retry, ())
    except RuntimeError:
        # The interpreter ends, or no thread can be had: the next record tries again.
        _retrying = False


def _retry():
    global _retrying
    pause = AGAIN
    try:
        while _lines:
            sleep(pause)
            pause = min(AGAIN_MOST, pause * 2)
            if _busy.acquire(False):
                try:
                    _write_all()
                finally:
                    _busy.release()
    except Exception:
        pass
    finally:
        _retrying = False


def _in_child():
    """After a fork the parent's records are the parent's to write, and another process speaks here."""
    global _busy, _kept, _retrying
    _busy = allocate_lock()
    _retrying = False
    _lines.clear()
    _kept = 0
    libraries = sorted(_libraries)
    _libraries.clear()
    try:
        hello()
        for name in libraries:
            library(name)
    except Exception:
        pass


def _at_exit():
    if _lines and _busy.acquire(False):
        _write_all()


def start():
    if not _pipe:
        return
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_in_child)
    atexit.register(_at_exit)
    hello()
