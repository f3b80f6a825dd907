"""`make corpora`: the import over collections of files, every newsletter of a collection composed, every mail that came back sorted.

The collections lie beside the checkout, in ../shared/corpora (or the folder given); they are for measuring only,
so where they do not exist there is nothing to do.
"""

import subprocess
import sys
from pathlib import Path

TOOLS = Path(__file__).parent
FOLDER = TOOLS.parents[1] / "shared" / "corpora"


def main(arguments: list[str]) -> int:
    """Run them all; returns the worse exit status."""
    folder = Path(arguments[0]) if arguments else FOLDER
    if not folder.is_dir():
        print(f"There are no collections in {folder}; nothing to do.")
        return 0
    runs = {
        "corpora_import.py": folder,
        "corpora_newsletters.py": folder / "newsletter-html",
        "corpora_bounces.py": folder / "bounces",
    }
    worst = 0
    for tool, where in runs.items():
        print(f"== {tool}", flush=True)
        command = [sys.executable, str(TOOLS / tool), str(where)]
        worst = max(worst, subprocess.run(command, check=False).returncode)
    return worst


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
