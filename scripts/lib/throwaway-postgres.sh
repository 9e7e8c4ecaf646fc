# shellcheck shell=bash
# A Postgres for the length of one script: in a temporary folder, on a Unix socket, fast and forgetful.
# To be sourced after install.sh. `start_throwaway_postgres` sets DATABASE_URL, and the script's exit ends it.

start_throwaway_postgres() {
  need_postgres
  pg_folder=$(postgres_folder)
  if [[ $(id -u) -eq 0 ]]; then
    # Where the server's user can reach it, whatever TMPDIR is.
    throwaway=$(mktemp -d /tmp/moderato-tests.XXXXXX)
    chmod 711 "$throwaway"
    install -d -m 700 -o "$(server_user)" "$throwaway/pg"
  else
    throwaway=$(mktemp -d "${TMPDIR:-/tmp}/moderato-tests.XXXXXX")
    mkdir "$throwaway/pg"
  fi
  trap stop_throwaway_postgres EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  say "Starting a throw-away Postgres in $throwaway"
  local options="-k $throwaway/pg -c listen_addresses= -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
  options+=" -c max_connections=200 -c jit=off"
  local making=(-D "$throwaway/pg/data" -U postgres -A trust -E UTF8 --no-sync --locale=C)
  {
    as_server "$pg_folder/initdb" "${making[@]}" --lc-ctype=C.UTF-8 || as_server "$pg_folder/initdb" "${making[@]}"
  } >"$throwaway/initdb.log" 2>&1 || throwaway_failed
  as_server "$pg_folder/pg_ctl" -D "$throwaway/pg/data" -l "$throwaway/pg/log" -o "$options" -w start \
    >"$throwaway/start.log" 2>&1 || throwaway_failed
  export DATABASE_URL="postgres://postgres@localhost/postgres?host=$throwaway/pg"
}

throwaway_failed() {
  cat "$throwaway"/*.log "$throwaway/pg/log" >&2 2>/dev/null || true
  die "the throw-away Postgres did not start; its output is above"
}

stop_throwaway_postgres() {
  if [[ -f $throwaway/pg/data/postmaster.pid ]]; then
    as_server "$pg_folder/pg_ctl" -D "$throwaway/pg/data" -m immediate -w stop >/dev/null 2>&1 || true
  fi
  rm -rf "$throwaway"
}

# Postgres refuses to run as root.
as_server() {
  if [[ $(id -u) -eq 0 ]]; then
    # Expanded by the inner shell.
    # shellcheck disable=SC2016
    (cd / && exec su -s /bin/sh -c 'exec "$0" "$@"' -- "$(server_user)" "$@" </dev/null)
  else
    "$@" </dev/null
  fi
}

server_user() {
  if id postgres >/dev/null 2>&1; then echo postgres; else echo nobody; fi
}

# throwaway_psql DATABASE ARG...
throwaway_psql() {
  local psql=$pg_folder/psql database=$1
  shift
  [[ -x $psql ]] || psql=psql
  "$psql" -X -q -v ON_ERROR_STOP=1 -h "$throwaway/pg" -U postgres -d "$database" "$@"
}
