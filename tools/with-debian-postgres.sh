#!/usr/bin/env bash
# Run a command with DATABASE_URL set to a throw-away cluster of the PostgreSQL that Debian installed:
#   tools/with-debian-postgres.sh .venv/bin/pytest -m database
# On a unix socket only, under an unprivileged user when we are root, gone at the end.
set -euo pipefail

bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
[ -x "$bin/initdb" ] || { echo "PostgreSQL is missing (apt-get install postgresql)" >&2; exit 1; }

as_server=()
if [ "$(id -u)" = 0 ]; then as_server=(setpriv --reuid=postgres --regid=postgres --clear-groups env HOME=/); fi
server() { (cd / && "${as_server[@]}" "$@"); }

folder=$(mktemp -d /tmp/hirnok-debian.XXXXXX)
cleanup() {
  server "$bin/pg_ctl" -D "$folder/data" -m immediate -s stop > /dev/null 2>&1 || true
  rm -rf "$folder"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

password=$(head -c 18 /dev/urandom | od -An -tx1 | tr -d ' \n')
printf '%s' "$password" > "$folder/password"
[ "$(id -u)" != 0 ] || chown -R postgres "$folder"
server "$bin/initdb" -D "$folder/data" -U postgres -A scram-sha-256 --pwfile="$folder/password" \
  --encoding=UTF8 --locale=C.UTF-8 --no-sync > "$folder/initdb.log" 2>&1 || { cat "$folder/initdb.log" >&2; exit 1; }
cat >> "$folder/data/postgresql.conf" << CONF
listen_addresses = ''
unix_socket_directories = '$folder'
fsync = off
synchronous_commit = off
full_page_writes = off
timezone = 'UTC'
CONF
server "$bin/pg_ctl" -D "$folder/data" -l "$folder/server.log" -w -t 120 -s start || { cat "$folder/server.log" >&2; exit 1; }
PGPASSWORD=$password "$bin/psql" -q -v ON_ERROR_STOP=1 -h "$folder" -U postgres -d postgres \
  -c "CREATE ROLE hirnok LOGIN CREATEDB CREATEROLE PASSWORD '$password'" -c "CREATE DATABASE hirnok OWNER hirnok"
echo "with $("$bin/postgres" --version)"
export DATABASE_URL="postgresql://hirnok:$password@/hirnok?host=$folder"
status=0
"$@" || status=$?
exit "$status"
