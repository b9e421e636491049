#!/usr/bin/env bash
# A throw-away PostgreSQL with pgvector for the tests: installs both where they are missing (Debian, as root)
# and starts a cluster of its own, on a free port, beside whatever else runs.
#
#   scripts/provision-postgres.sh [start] [DIR]   starts the cluster in DIR, or finds it running;
#                                                 the last line is the URL of a superuser connection
#   scripts/provision-postgres.sh stop [DIR]      stops it and removes its data
#
# DIR is /tmp/anima-postgres unless given; ANIMA_TEST_PG_PORT is the first port to try (54329).
set -euo pipefail

command=start
case ${1:-} in start | stop) command=$1 && shift ;; esac
dir=$(realpath -m "${1:-/tmp/anima-postgres}")
first_port=${ANIMA_TEST_PG_PORT:-54329}

log() { printf 'provision-postgres: %s\n' "$*" >&2; }
die() { log "$*" && exit 1; }
bin_dir() { find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -1; }
has_server() { [ -n "$(bin_dir)" ] && [ -x "$(bin_dir)/initdb" ]; }
has_pgvector() { [ -f "/usr/share/postgresql/$version/extension/vector.control" ]; }
is_running() { has_server && [ -d "$dir/data" ] && as_postgres "'$(bin_dir)/pg_ctl' -D '$dir/data' status" >/dev/null 2>&1; }

# PostgreSQL refuses to run as root.
as_postgres() { if [ "$(id -u)" = 0 ]; then su postgres -s /bin/bash -c "cd / && $1"; else bash -c "$1"; fi; }

apt_get() {
  [ "$(id -u)" = 0 ] || die "PostgreSQL with pgvector is not installed, and installing it takes root"
  DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$@" >&2
}

# Debian bookworm has no pgvector package: trixie's source package is built against the server installed here.
build_pgvector() {
  local sources=/etc/apt/sources.list.d/debian.sources
  [ -f "$sources" ] || die "no pgvector package for PostgreSQL $version, and no $sources to find its source by"
  log "building pgvector for PostgreSQL $version"
  apt_get install -y "postgresql-server-dev-$version" build-essential dpkg-dev
  local build
  build=$(mktemp -d)
  mkdir -p "$build/lists/partial" "$build/parts"
  sed -e 's/^Types:.*/Types: deb-src/' -e 's/^Suites:.*/Suites: trixie/' \
    -e 's|^Signed-By:.*|Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg|' -e '/^$/,$d' \
    "$sources" > "$build/parts/trixie.sources"
  local trixie=(-o Dir::Etc::SourceList=/dev/null -o "Dir::Etc::SourceParts=$build/parts" -o "Dir::State::Lists=$build/lists")
  apt_get "${trixie[@]}" update
  (cd "$build" && apt_get "${trixie[@]}" source pgvector)
  make -s -C "$build"/pgvector-*/ OPTFLAGS='' PG_CONFIG="$(bin_dir)/pg_config" >&2
  make -s -C "$build"/pgvector-*/ install PG_CONFIG="$(bin_dir)/pg_config" >&2
  rm -rf "$build"
}

install_postgres() {
  if ! has_server; then
    log 'installing PostgreSQL'
    apt_get update
    apt_get install -y postgresql
  fi
  version=$(basename "$(dirname "$(bin_dir)")")
  if ! has_pgvector; then
    apt_get update
    apt_get install -y "postgresql-$version-pgvector" 2>/dev/null || build_pgvector
  fi
}

free_port() {
  local port=$first_port
  while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
  echo "$port"
}

start() {
  install_postgres
  if ! is_running; then
    mkdir -p "$dir"
    if [ "$(id -u)" = 0 ]; then chown postgres "$dir"; fi
    if [ ! -f "$dir/data/PG_VERSION" ]; then
      as_postgres "'$(bin_dir)/initdb' -D '$dir/data' -U postgres --auth=trust -E UTF8 --locale=C.UTF-8" >/dev/null
    fi
    local port options
    port=$(free_port)
    log "starting PostgreSQL $version on port $port, in $dir"
    options="-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=300 -c shared_buffers=512MB"
    as_postgres "'$(bin_dir)/pg_ctl' -D '$dir/data' -w -l '$dir/log' -o '$options' start" >/dev/null || die "$(tail -5 "$dir/log")"
  fi
  # The fourth line of a running cluster's pid file is its port.
  echo "postgres://postgres@127.0.0.1:$(sed -n 4p "$dir/data/postmaster.pid")/postgres"
}

stop() {
  if is_running; then as_postgres "'$(bin_dir)/pg_ctl' -D '$dir/data' -m fast -w stop" >/dev/null; fi
  rm -rf "$dir/data" "$dir/log"
  rmdir "$dir" 2>/dev/null || true
}

"$command"
