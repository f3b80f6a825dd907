"""`python -m hirnok.process.child PARENT PROGRAM …`: become a program that ends when its parent does.

The supervisor starts every process through this, so that a killed supervisor leaves none behind
(PR_SET_PDEATHSIG, Linux) without running Python between fork and exec of a threaded process.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main(arguments: list[str]) -> None:
    """Ask the kernel for SIGTERM at the parent's end and become the program."""
    parent, *program = arguments
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != int(parent):  # it ended before we asked
        sys.exit(1)
    os.execvp(program[0], program)  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1:])
