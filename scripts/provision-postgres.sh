#!/usr/bin/env bash
# Installs PostgreSQL with pgvector on Debian (as root) and starts a throw-away cluster for the tests.
# Prints the URL of a superuser connection on its last line. Safe to run again: it reuses what is there.
#
#   scripts/provision-postgres.sh [DIR]     DIR: where the cluster lives (default: a new temporary folder)
set -euo pipefail

dir=${1:-$(mktemp -d)}
port=${ANIMA_TEST_PG_PORT:-54329}

log() { printf 'provision-postgres: %s\n' "$*" >&2; }
bin_dir() { find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -1; }

if [ -z "$(bin_dir)" ] || [ ! -x "$(bin_dir)/initdb" ]; then
  log "installing postgresql"
  apt-get update -qq >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql >&2
fi
bin=$(bin_dir)
version=$(basename "$(dirname "$bin")")

if [ ! -f "/usr/share/postgresql/$version/extension/vector.control" ]; then
  apt-get update -qq >&2
  if ! DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "postgresql-$version-pgvector" >&2 2>/dev/null; then
    # Debian bookworm has no pgvector package: build trixie's source package against the server installed here.
    log "building pgvector for PostgreSQL $version"
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "postgresql-server-dev-$version" build-essential dpkg-dev >&2
    build=$(mktemp -d)
    mkdir -p "$build/lists/partial"
    sed -e 's/^Types:.*/Types: deb-src/' -e 's/^Suites:.*/Suites: trixie/' \
      -e '/^$/,$d' /etc/apt/sources.list.d/debian.sources > "$build/trixie.sources"
    keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    sed -i "s|^Signed-By:.*|Signed-By: $keyring|" "$build/trixie.sources"
    apt_options=(-o "Dir::Etc::SourceList=/dev/null" -o "Dir::Etc::SourceParts=$build/parts" -o "Dir::State::Lists=$build/lists")
    mkdir -p "$build/parts" && mv "$build/trixie.sources" "$build/parts/"
    apt-get "${apt_options[@]}" update -qq >&2
    (cd "$build" && apt-get "${apt_options[@]}" source -qq pgvector >&2)
    (cd "$build"/pgvector-*/ && make -s OPTFLAGS="" PG_CONFIG="$bin/pg_config" >&2 && make -s install PG_CONFIG="$bin/pg_config" >&2)
    rm -rf "$build"
  fi
fi

if ! "$bin/pg_isready" -q -h 127.0.0.1 -p "$port"; then
  log "starting PostgreSQL $version on port $port"
  mkdir -p "$dir" && chown postgres "$dir"
  as_postgres() { su postgres -s /bin/bash -c "$1"; }
  [ -f "$dir/data/PG_VERSION" ] || as_postgres "$bin/initdb -D $dir/data -U postgres --auth=trust -E UTF8 --locale=C.UTF-8" >&2
  as_postgres "$bin/pg_ctl -D $dir/data -w -l $dir/log -o '-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$dir -c max_connections=300 -c shared_buffers=512MB' start" >&2
fi
echo "postgres://postgres@127.0.0.1:$port/postgres"
