"""`python -m hirnok.sandbox`."""

from hirnok.sandbox.run import main

if __name__ == "__main__":
    raise SystemExit(main())
