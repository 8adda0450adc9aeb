#!/usr/bin/env bash
# At the container's first start: the owner for migrations, the role for the service, and their database.
set -euo pipefail
psql --set ON_ERROR_STOP=1 --username postgres --dbname postgres \
  --set owner_password="$DATABASE_OWNER_PASSWORD" --set app_password="$DATABASE_APP_PASSWORD" <<'SQL'
CREATE ROLE meridian_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE meridian_app LOGIN PASSWORD :'app_password';
CREATE DATABASE meridian OWNER meridian_owner;
SQL
