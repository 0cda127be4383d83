"""Lets hanglab ask a Python target which asyncio tasks stand still, and where.

Python imports this module by its name at start when its folder is on PYTHONPATH. On the signal it
writes what `hanglab_agent` describes as JSON into the folder named in HANGLAB_TASKS, to a file named for the process:
workers that it forks have files of their own. Without that variable it does nothing.
"""

import os
import signal


# SIGRTMIN + 10 with glibc. By its number, since other C libraries begin to count elsewhere.
_SIGNAL = 44


def _install(folder):
    # Now, since the program may change the path or the working folder later.
    from hanglab_agent.tasks import answerer

    signal.signal(_SIGNAL, answerer(folder))


def _import_hidden():
    """Another sitecustomize, further down the path, is hidden by this one: it is run as well."""
    import importlib.machinery
    import importlib.util
    import sys

    own = os.path.dirname(os.path.abspath(__file__))
    path = [folder for folder in sys.path if os.path.abspath(folder or ".") != own]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", path)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


_import_hidden()
if "HANGLAB_TASKS" in os.environ and hasattr(signal, "SIGRTMIN"):
    _install(os.path.abspath(os.environ["HANGLAB_TASKS"]))
