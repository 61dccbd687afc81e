"""Functions around other functions of a program."""

from functools import wraps


def wrap(owner, name, around):
    """Puts `around(original)` in the place of `owner.name`, once; what isn't there stays away."""
    original = vars(owner).get(name)
    if original is None:
        original = getattr(owner, name, None)
    if original is None or getattr(original, "_cove_trace", False):
        return
    if isinstance(original, classmethod):
        function = wraps(original.__func__)(around(original.__func__))
        function._cove_trace = True
        setattr(owner, name, classmethod(function))
        return
    try:
        function = wraps(original)(around(original))
    except Exception:
        function = around(original)
    function._cove_trace = True
    setattr(owner, name, function)


def harmless(function):
    """What goes wrong in it is none of the program's business: it gives None then."""

    def quiet(*args):
        try:
            return function(*args)
        except Exception:
            return None

    return quiet
