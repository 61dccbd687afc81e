"""Contexts between threads."""

from .context import UNKNOWN, current
from .wrapping import wrap


def threading(module):
    """A thread that a request's work starts: what it does may be for that request, or for all that come after it."""

    def starting(start):
        def start_unknown(self, *args, **kwargs):
            # Who gives a thread a context (Python 3.14) says what it is for.
            if getattr(self, "_context", None) is None:
                try:
                    self._cove_trace_begins = (None if current.get() is None else UNKNOWN,)
                except Exception:
                    pass
            return start(self, *args, **kwargs)

        return start_unknown

    def running(run):
        def run_unknown(self, *args, **kwargs):
            # In a free-threaded Python a thread begins with its starter's context.
            for begins in getattr(self, "_cove_trace_begins", ()):
                own = getattr(self, "_context", None)
                if own is None:
                    current.set(begins)
                else:
                    own.run(current.set, begins)
            return run(self, *args, **kwargs)

        return run_unknown

    wrap(module.Thread, "start", starting)
    wrap(module.Thread, "_bootstrap_inner", running)


def executor(module):
    """What a request hands to a pool of threads is done for it."""

    def submitting(submit):
        def submit_for(self, fn, /, *args, **kwargs):
            of = current.get()
            if of is None:
                return submit(self, fn, *args, **kwargs)

            def run_for(*args, **kwargs):
                token = current.set(of)
                try:
                    return fn(*args, **kwargs)
                finally:
                    current.reset(token)

            return submit(self, run_for, *args, **kwargs)

        return submit_for

    wrap(module.ThreadPoolExecutor, "submit", submitting)
