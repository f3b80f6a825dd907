#!/usr/bin/env bash
# `make check`: everything that can be checked without running the program. All checks run; any failure fails.
set -uo pipefail
cd "$(dirname "$0")/.."
bin=.venv/bin
failed=()

check() {
  local name=$1 out
  shift
  if out=$("$@" 2>&1); then
    echo "ok      $name"
  else
    echo "FAILED  $name"
    printf '%s\n' "$out" | tail -n "${LINES_SHOWN:-60}" | sed 's/^/        /'
    failed+=("$name")
  fi
}

templates() { find hirnok -path '*/templates/*' -name '*.html' -not -path '*/built/*' -print0; }
djade() { templates | xargs -0r "$bin/djade" --check --target-version 5.2; }
djlint() { templates | xargs -0r "$bin/djlint" --quiet --lint; }

check format "$bin/ruff" format --check hirnok tests tools conftest.py
check lint "$bin/ruff" check --quiet hirnok tests tools conftest.py
check types "$bin/mypy"
check layers "$bin/lint-imports" --no-cache
check "template format" djade
check "template lint" djlint
check translations "$bin/python" tools/translations.py check
check sizes "$bin/python" tools/size.py
check migrations "$bin/hirnok" makemigrations --check --dry-run

if [ ${#failed[@]} -gt 0 ]; then
  echo "make check: ${#failed[@]} failed: ${failed[*]}" >&2
  exit 1
fi
