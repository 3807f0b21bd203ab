#!/usr/bin/env bash
# A browser for the tests: the machine's, else Playwright's own, else from the system's packages. Its path goes into .venv/browser.
set -euo pipefail
cd "$(dirname "$0")/.."

works() { [ -n "$1" ] && [ -x "$1" ] && "$1" --version >/dev/null 2>&1; }
keep() { printf '%s' "$1" >.venv/browser; exit 0; }

[ -f .venv/browser ] && works "$(cat .venv/browser)" && exit 0

for name in ${BROWSER_PATH:-} chromium chromium-browser google-chrome google-chrome-stable; do
  path=$(command -v "$name" || true)
  works "$path" && keep "$path"
done

playwrights() { .venv/bin/python -c 'from playwright.sync_api import sync_playwright
with sync_playwright() as p: print(p.chromium.executable_path)' 2>/dev/null || true; }
path=$(playwrights)
works "$path" && keep "$path"
printf '==> a browser for the tests (Chromium)\n'
if timeout 600 .venv/bin/playwright install chromium-headless-shell chromium >/dev/null 2>&1; then
  path=$(playwrights)
  works "$path" && keep "$path"
fi

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  { apt-get install -qy chromium || { apt-get update -q && apt-get install -qy chromium; }; } >/dev/null 2>&1 || true
  path=$(command -v chromium || true)
  works "$path" && keep "$path"
fi

cat >&2 <<'TEXT'
setup: no browser found, and none could be installed. The tests drive Chromium. Either
  - install it (Debian or Ubuntu: sudo apt-get install chromium), or
  - name one: make test BROWSER_PATH=/path/to/chrome
TEXT
exit 1
