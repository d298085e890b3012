#!/bin/sh
# What the clients that nobody here wrote need of a Debian machine: kcat, and a Python that can install packages.
set -eu
wanted=
command -v kcat >/dev/null || wanted="$wanted kcat"
command -v python3 >/dev/null && python3 -m pip --version >/dev/null 2>&1 || wanted="$wanted python3-pip"
[ -z "$wanted" ] || { apt-get update -q && apt-get install -y -q --no-install-recommends $wanted; } >/dev/null
