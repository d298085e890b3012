#!/bin/bash
# The official image's contract, as far as the compose file and the tests use it: POSTGRES_USER, POSTGRES_PASSWORD,
# POSTGRES_PASSWORD_FILE, POSTGRES_DB, POSTGRES_INITDB_ARGS, PGDATA, /docker-entrypoint-initdb.d/*.sql. Not as root.
set -euo pipefail
if [ "$1" = postgres ] && [ ! -s "$PGDATA/PG_VERSION" ]; then
  mkdir -p "$PGDATA"
  chmod 700 "$PGDATA"
  user=${POSTGRES_USER:-postgres}
  database=${POSTGRES_DB:-$user}
  password=${POSTGRES_PASSWORD:-$(cat "${POSTGRES_PASSWORD_FILE:?must name a file}")}
  read -ra arguments <<<"${POSTGRES_INITDB_ARGS:-}"
  initdb --username="$user" --pwfile=<(printf '%s\n' "$password") --auth-local=trust --auth-host=scram-sha-256 \
    --encoding=UTF8 --locale=C.UTF-8 "${arguments[@]}"
  printf 'host all all all scram-sha-256\n' >>"$PGDATA/pg_hba.conf"
  # Before anybody can connect. A statement ends with an empty line.
  ask() { postgres --single -j "$1" >/dev/null; }
  [ "$database" = postgres ] || printf 'CREATE DATABASE "%s";\n\n' "$database" | ask postgres
  for file in /docker-entrypoint-initdb.d/*.sql; do
    [ ! -f "$file" ] || { cat "$file" && printf '\n\n'; } | ask "$database"
  done
fi
[ "$1" != postgres ] || set -- "$@" -c listen_addresses='*' -c unix_socket_directories=/var/run/postgresql
exec "$@"
