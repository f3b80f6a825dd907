"""`python -m hirnok` is the command `hirnok`."""

import sys

from hirnok.cli import main

if __name__ == "__main__":
    sys.exit(main())
