#!/bin/sh
# In a new cluster of the image: the extension in the database that was asked for,
# and pg_cron in the one where its launcher looks for jobs.
set -e
psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d postgres -c 'CREATE EXTENSION IF NOT EXISTS pg_cron'
psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" -c 'CREATE EXTENSION IF NOT EXISTS pinterest_fdw'
