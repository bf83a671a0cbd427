#!/usr/bin/env bash
# Installs what some tests want and npm does not have, from Debian's packages. A test that misses its tool says so in one
# line and is left out, so nothing here is needed for the tests to pass.
set -euo pipefail
tools=(awscli strace)
if ! command -v apt-get >/dev/null || [ "$(id -u)" != 0 ]; then
  echo "Not installing ${tools[*]}: that needs apt-get and root."
  exit 0
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq && apt-get install -y -qq --no-install-recommends "${tools[@]}" >/dev/null ||
  echo "Could not install ${tools[*]}; their tests are left out."
