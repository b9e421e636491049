#!/usr/bin/env bash
# Makes the data of an earlier version, for contract/upgrade.test.ts: checks that version out beside this one, lets it
# live a short life (remember.ts) in a database of its own, and dumps that. Wants a native PostgreSQL (DATABASE_URL of
# a superuser; scripts/provision-postgres.sh starts one). Ids and times differ from run to run, so what is committed
# is not made anew without a reason.
#
#   DATABASE_URL=… packages/store/test/upgrade/make-fixture.sh COMMIT NAME
#
# NAME is the last migration of that version: b628e07 0006-transfer
set -euo pipefail
commit=${1:?which version} name=${2:?its last migration}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../../../.." && pwd)
work=$(mktemp -d)
database=anima_fixture_$$
url=${DATABASE_URL%/*}/$database
cleanup() {
  psql -qX "$DATABASE_URL" -c "drop database if exists $database with (force)"
  git -C "$root" worktree remove --force "$work/checkout"
  rm -rf "$work"
}
trap cleanup EXIT

git -C "$root" worktree add --detach "$work/checkout" "$commit" >&2
pnpm=$(node -p "require('$work/checkout/package.json').packageManager")
(cd "$work/checkout" && npx --yes "$pnpm" install --frozen-lockfile >&2)
mkdir -p "$work/checkout/packages/store/test/upgrade"
cp "$here/remember.ts" "$work/checkout/packages/store/test/upgrade/"
psql -qX "$DATABASE_URL" -c "create database $database"
(cd "$work/checkout/packages/store" && DATABASE_URL=$url "$work/checkout/node_modules/.bin/node" test/upgrade/remember.ts) > "$here/$name.json"
# Jobs are hints and are not kept; what is of psql or of the session goes too.
pg_dump --inserts --no-owner --no-privileges --no-comments --exclude-schema=pgboss "$url" |
  sed -E '/^(--.*|\\.*|SET .*|SELECT pg_catalog\.set_config.*)?$/d' > "$here/$name.sql"
"$root/node_modules/.bin/biome" format --write "$here/$name.json" >&2
