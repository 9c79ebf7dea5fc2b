#!/bin/sh
# Makes the passwords for compose.yaml, once: secrets/*.env, which are yours alone and never committed.
set -eu
cd "$(dirname "$0")/../.."

umask 077
if [ -e secrets ]; then
  echo "secrets is there already: the database was made with these passwords" >&2
  exit 1
fi

password() {
  od -An -N24 -tx1 /dev/urandom | tr -d ' \n'
}

superuser=$(password) admin=$(password) gateway=$(password)
mkdir secrets
printf 'POSTGRES_PASSWORD=%s\nADMIN_PASSWORD=%s\nGATEWAY_PASSWORD=%s\n' "$superuser" "$admin" "$gateway" >secrets/database.env
printf 'PGPASSWORD=%s\n' "$admin" >secrets/admin.env
printf 'PGPASSWORD=%s\n' "$gateway" >secrets/gateway.env
