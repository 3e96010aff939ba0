#!/usr/bin/env bash
# On an empty volume, as the server's superuser: the application's role, which is none,
# and its database. The image runs or sources this file.
: "${VOIP_DATABASE:?}" "${VOIP_DB_PASSWORD:?}"

psql --no-psqlrc -v ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
\getenv database VOIP_DATABASE
\getenv password VOIP_DB_PASSWORD
CREATE ROLE odoo LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
    PASSWORD :'password';
CREATE DATABASE :"database" OWNER odoo TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C';
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
\connect :"database"
-- Odoo looks for these and indexes with unaccent, which it takes for unchanging.
CREATE EXTENSION pg_trgm;
CREATE EXTENSION unaccent;
ALTER FUNCTION unaccent(text) IMMUTABLE;
SQL
