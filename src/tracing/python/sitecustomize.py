"""Loaded in front of a service's Python programs, by PYTHONPATH: it reports for which request they send what, and passes
`traceparent` on (docs/capture.md). It must never raise, and runs in every Python: other versions do without it."""


def _follow():
    import os
    import sys

    told = os.environ.get("COVE_TRACE_PIPE") or os.environ.get("COVE_TRACE_EDGES")
    if not told or os.environ.get("COVE_TRACE") == "off" or sys.version_info < (3, 9):
        return
    from cove_trace import hooks

    hooks.install()


def _load_others():
    """Python loads one module of this name: the next one on the path is the user's, the system's, or another one of Cove's."""
    import os
    import sys

    here = os.path.dirname(os.path.abspath(__file__))
    places = [os.path.abspath(place or ".") for place in sys.path]
    behind = sys.path[places.index(here) + 1 :] if here in places else sys.path
    if sys.version_info < (3, 5):
        for place in behind:
            file = os.path.join(place or ".", "sitecustomize.py")
            if os.path.isfile(file) and os.path.dirname(os.path.abspath(file)) != here:
                with open(file) as source:
                    exec(compile(source.read(), file, "exec"), {"__name__": "sitecustomize", "__file__": file})
                return
        return
    # These are loaded in every Python 3: importlib.util isn't.
    import _frozen_importlib
    import _frozen_importlib_external

    spec = _frozen_importlib_external.PathFinder.find_spec("sitecustomize", behind)
    if spec is not None and spec.loader is not None and os.path.dirname(os.path.abspath(spec.origin or "")) != here:
        spec.loader.exec_module(_frozen_importlib.module_from_spec(spec))


try:
    _follow()
except Exception:
    pass
# Outside of `try`: what is wrong in the user's own is told by Python as ever.
_load_others()
