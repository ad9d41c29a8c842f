"""What a start of a child that was cut off says: nothing.

Imported by the fork server alone, which has no other way to be told; what it
forks inherits the hook. Whoever asked for a child and was killed (SIGKILL, out
of memory) before it had sent all that the child is to know needs no traceback
of that: there is nobody left to do anything about it.
"""

import sys
from types import TracebackType


def _report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if not issubclass(kind, EOFError):
        sys.__excepthook__(kind, error, trace)


sys.excepthook = _report
