"""`python -m hirnok.engine`."""

from hirnok.engine.run import main

if __name__ == "__main__":
    raise SystemExit(main())
