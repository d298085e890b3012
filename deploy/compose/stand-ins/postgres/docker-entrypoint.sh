#!/bin/bash
# The official image's contract, as far as the compose file uses it: POSTGRES_USER, POSTGRES_PASSWORD_FILE,
# POSTGRES_DB, PGDATA, /docker-entrypoint-initdb.d/*.sql. Not as root.
set -euo pipefail
if [ "$1" = postgres ] && [ ! -s "$PGDATA/PG_VERSION" ]; then
  mkdir -p "$PGDATA"
  chmod 700 "$PGDATA"
  user=${POSTGRES_USER:-postgres}
  database=${POSTGRES_DB:-$user}
  password=${POSTGRES_PASSWORD_FILE:?must name a file}
  initdb --username="$user" --pwfile="$password" --auth-local=trust --auth-host=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8
  printf 'host all all all scram-sha-256\n' >>"$PGDATA/pg_hba.conf"
  # Nobody may connect over the network before everything is made.
  pg_ctl -w start -o "-c listen_addresses='' -k /tmp" >/dev/null
  ask() { psql -q -v ON_ERROR_STOP=1 -h /tmp -U "$user" "$@"; }
  [ "$database" = postgres ] || ask -d postgres -c "CREATE DATABASE \"$database\""
  for file in /docker-entrypoint-initdb.d/*.sql; do
    [ ! -f "$file" ] || ask -d "$database" -f "$file"
  done
  pg_ctl -w stop -m fast >/dev/null
fi
[ "$1" != postgres ] || set -- "$@" -c listen_addresses='*' -c unix_socket_directories=/var/run/postgresql
exec "$@"
