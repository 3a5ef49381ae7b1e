#!/bin/bash
# Install the Debian packages named on the command line that are missing; asks apt-get only then.
#   tools/apt-missing.sh PACKAGE…
#   tools/apt-missing.sh --for-venv PYTHON    what `PYTHON -m venv` needs, if it does not work yet
set -euo pipefail

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        return 1
    fi
}

install_packages() {
    if ! command -v apt-get >/dev/null; then
        echo "This is not Debian: please install the equivalent of: $*" >&2
        exit 1
    fi
    echo "Installing system packages: $*"
    if ! { as_root apt-get update -qq &&
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null; }; then
        echo "Could not install them. As root: apt-get install $*" >&2
        exit 1
    fi
}

if [ "${1:-}" = "--for-venv" ]; then
    python=$2
    if ! command -v "$python" >/dev/null; then
        install_packages python3.11 python3.11-venv
    elif ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        install_packages python3.11-venv
    fi
    exit 0
fi

missing=()
for package in "$@"; do
    if ! dpkg-query --show --showformat='${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii'; then
        missing+=("$package")
    fi
done
if [ "${#missing[@]}" -gt 0 ]; then
    install_packages "${missing[@]}"
fi
