#!/bin/sh
# Make .venv with Python 3.11 or newer and install one requirements file into it:
#   tools/venv.sh requirements-demo.txt [PORT]
# With PORT: first see whether it is free, before anything takes time. PYTHON=... names the interpreter to use.
set -eu
requirements=$1
port=${2:-}
suitable='import sys; sys.exit(sys.version_info < (3, 11))'

stop() {
    echo "$*" >&2
    exit 1
}

if ! .venv/bin/python -c "$suitable" 2>/dev/null; then
    found=
    for candidate in ${PYTHON:+"$PYTHON"} python3 python3.14 python3.13 python3.12 python3.11 python; do
        if "$candidate" -c "$suitable" >/dev/null 2>&1; then
            found=$candidate
            break
        fi
        [ "$candidate" = "${PYTHON:-}" ] && stop "PYTHON=$PYTHON is not Python 3.11 or newer."
    done
    [ -n "$found" ] || stop "Pedbasis needs Python 3.11 or newer. Install it (Debian: sudo apt install python3 python3-venv) or name yours: make demo PYTHON=/path/to/python3"
    "$found" -c 'import ensurepip, venv' 2>/dev/null || stop "This Python cannot make a virtual environment. Install that part (Debian: sudo apt install python3-venv) and run make again."
    [ -z "$port" ] || "$found" - "$port" <<'END' || exit 1
import socket, sys
probe = socket.socket()
probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
try:
    probe.bind(("127.0.0.1", int(sys.argv[1])))
except (OSError, ValueError, OverflowError):
    sys.exit("Port %s is in use or cannot be used. Choose another: make demo PORT=8001" % sys.argv[1])
END
    echo "Making .venv ..."
    rm -rf .venv
    "$found" -m venv .venv
fi
echo "Installing $requirements into .venv; this happens once and takes about half a minute ..."
# Everything is pinned with its hash, so nothing is left to resolve; compiling happens at first use.
.venv/bin/python -m pip install --quiet --quiet --disable-pip-version-check --no-input --no-compile --no-deps \
    --require-hashes --requirement "$requirements" ||
    stop "Installing failed; the lines above say why. Pedbasis installs on Linux (glibc) and macOS, on x86-64 and ARM64, and needs the network once."
touch ".venv/.installed-$requirements"
