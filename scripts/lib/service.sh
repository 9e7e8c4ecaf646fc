# shellcheck shell=bash
# A Moderato of one's own for the length of one script: on a fresh data directory, with its embedded Postgres and
# the demo site. To be sourced after install.sh. `MODERATO_BIN` names a program to use in place of a release build.

# Sets `moderato` and `load`, the programs.
need_programs() {
  need_postgres
  local profile=release built=${CARGO_TARGET_DIR:-target}
  if [[ -n ${MODERATO_BIN:-} ]]; then profile=dev; fi
  if [[ -n ${LOAD_BIN:-} && -n ${MODERATO_BIN:-} ]]; then
    moderato=$MODERATO_BIN load=$LOAD_BIN
    return
  fi
  need_rust
  say "Building (the first time takes some minutes)"
  if [[ $profile == release ]]; then SQLX_OFFLINE=true cargo build --release --locked; fi
  SQLX_OFFLINE=true cargo build --profile "$profile" --locked --example load
  moderato=${MODERATO_BIN:-$built/release/moderato}
  load=$built/${profile/dev/debug}/examples/load
}

# Makes the folder `work`, on a disk: the folder for temporary files that outlive a restart. BENCH_DIR is another one.
make_work_folder() {
  work=$(mktemp -d "${BENCH_DIR:-/var/tmp}/moderato-XXXXXX")
  # Where the user that Postgres runs as can enter.
  chmod 711 "$work"
  service_pid='' load_pid='' service_address=127.0.0.1:0
  trap clear_away EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
}

clear_away() {
  local pid
  for pid in $load_pid $service_pid; do
    kill -TERM "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  rm -rf "$work"
}

# Starts the service, again on the same port the next time, and waits until it is ready.
start_service() {
  : >"$work/service.out"
  env -u DATABASE_URL -u MODERATO_BIN MODERATO_LOG=warn "$moderato" serve --demo --listen "$service_address" --data-dir "$work/data" \
    >"$work/service.out" 2>>"$work/service.log" &
  service_pid=$!
  local url=''
  while [[ -z $url ]]; do
    kill -0 "$service_pid" 2>/dev/null || service_failed "did not start"
    sleep 0.02
    url=$(sed -n 's|^Demo article: *http://\(.*\)/$|\1|p' "$work/service.out")
  done
  service_address=$url
}

service_failed() {
  tail -n 30 "$work/service.log" >&2
  die "the service $1; the end of its log is above"
}

# Starts the load in the background. start_load RECORD NAME ARG...
start_load() {
  local record=$1 name=$2
  shift 2
  : >"$record"
  "$load" --server "$service_address" --record "$record" --name "$name" "$@" >/dev/null &
  load_pid=$!
}

stop_load() {
  kill -TERM "$load_pid"
  wait "$load_pid" || die "the load client failed"
  load_pid=''
}

postmaster_pid() { head -n 1 "$work/data/postgres/data/postmaster.pid"; }

# One value, or rows with a blank between columns. sql QUERY
sql() {
  "$(postgres_folder)/psql" -X -q -A -t -F ' ' -v ON_ERROR_STOP=1 -h "$work/data/postgres/run" -U moderato -d moderato "$@"
}
