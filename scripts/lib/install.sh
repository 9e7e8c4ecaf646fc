# shellcheck shell=bash
# Installs what the other scripts miss, through the system's own package manager. To be sourced.

say() { printf '==> %s\n' "$*" >&2; }

die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# Runs a command as root, without ever asking for a password.
as_root() {
  if [[ $(id -u) -eq 0 ]]; then "$@"; else sudo -n "$@"; fi
}

can_be_root() { [[ $(id -u) -eq 0 ]] || { have sudo && sudo -n true 2>/dev/null; }; }

# install_package WHAT APT DNF APK BREW: installs one thing by the names it has there ("-": not there).
install_package() {
  local what=$1 packages manager
  if have apt-get; then
    packages=$2 manager="apt-get install -y --no-install-recommends"
  elif have dnf; then
    packages=$3 manager="dnf install -y"
  elif have apk; then
    packages=$4 manager="apk add"
  elif have brew; then
    packages=$5 manager="brew install"
  else
    die "$what is missing, and there is no package manager that this script knows (apt, dnf, apk, brew). Install it by hand"
  fi
  [[ $packages != - ]] || die "$what is missing, and has to be installed by hand on this system"
  if [[ $manager != brew* ]] && ! can_be_root; then
    die "$what is missing, and installing it needs root. Have this run once, then run this script again:
    $manager $packages"
  fi
  say "$what is missing: $manager $packages"
  local log
  log=$(mktemp)
  # Words of one command line.
  # shellcheck disable=SC2086
  case $manager in
    apt*) apt_install $manager $packages ;;
    brew*) $manager $packages ;;
    *) as_root $manager $packages ;;
  esac >"$log" 2>&1 || {
    tail -n 30 "$log" >&2
    die "$what could not be installed; the end of the package manager's output is above"
  }
  rm -f "$log"
}

# Debian's package of Postgres makes a cluster of its own and starts it on port 5432. Only its programs are
# wanted, so it is told not to, for as long as this installation takes.
apt_install() {
  # Expanded by the inner shell.
  # shellcheck disable=SC2016
  as_root env DEBIAN_FRONTEND=noninteractive sh -c '
    folder=/etc/postgresql-common/createcluster.d
    trap "rm -f $folder/moderato.conf; rmdir $folder ${folder%/*}" EXIT
    mkdir -p "$folder" && echo "create_main_cluster = false" >"$folder/moderato.conf"
    apt-get update
    "$@"' sh "$@"
}

need_rust() {
  have cargo || die "Rust is missing. Install it with rustup (https://rustup.rs), then run this script again"
  have cc || install_package "A C compiler" "gcc libc6-dev" gcc build-base -
}

# Prints the folder of the newest installed Postgres server; the same places as the program looks in.
postgres_folder() {
  local folder
  if [[ -n ${MODERATO_PG_BIN:-} ]]; then
    printf '%s\n' "$MODERATO_PG_BIN"
    return
  fi
  if have initdb; then
    folder=$(dirname "$(realpath "$(command -v initdb)")")
    if [[ -x $folder/postgres ]]; then
      printf '%s\n' "$folder"
      return
    fi
  fi
  for folder in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /usr/libexec/postgresql* \
    /opt/homebrew/opt/postgresql@*/bin /usr/local/opt/postgresql@*/bin; do
    if [[ -x $folder/initdb && -x $folder/postgres ]]; then printf '%s\n' "$folder"; fi
  done | sort -V | tail -n 1
}

need_postgres() {
  [[ -z $(postgres_folder) ]] || return 0
  install_package "The Postgres server" postgresql postgresql-server postgresql postgresql@17
  [[ -n $(postgres_folder) ]] || die "installed, but initdb and postgres are nowhere to be found. Set MODERATO_PG_BIN to their folder"
}

# The tests look at the server's processes.
need_ps() {
  have ps || install_package "ps" procps procps-ng procps -
}

need_node() {
  have npm || install_package "Node.js" "nodejs npm" nodejs "nodejs npm" node
}

need_chromium() {
  local name
  for name in chromium chromium-browser google-chrome google-chrome-stable; do
    if have "$name"; then return 0; fi
  done
  if [[ -d "/Applications/Google Chrome.app" ]]; then return 0; fi
  install_package "Chromium" chromium chromium chromium "--cask chromium"
}
