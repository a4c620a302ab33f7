# The official image of PostgreSQL with pinterest_fdw and pg_cron:
#
#   docker build -t pinterest_fdw .
#   docker run -e POSTGRES_PASSWORD=... -p 5432:5432 pinterest_fdw
#
# PG_MAJOR chooses the version: docker build --build-arg PG_MAJOR=17 ...
ARG PG_MAJOR=18

FROM postgres:${PG_MAJOR} AS build
ARG PG_MAJOR
RUN apt-get update \
    && apt-get install -y --no-install-recommends gcc libc6-dev libcurl4-openssl-dev \
        libjson-c-dev make pkg-config "postgresql-server-dev-$PG_MAJOR"
COPY . /source
RUN make -C /source clean \
    && make -C /source -j "$(nproc)" with_llvm=no \
    && make -C /source install with_llvm=no DESTDIR=/installed

FROM postgres:${PG_MAJOR}
ARG PG_MAJOR
LABEL org.opencontainers.image.title="pinterest_fdw" \
    org.opencontainers.image.description="PostgreSQL with a foreign data wrapper for the Pinterest Ads API" \
    org.opencontainers.image.licenses="PostgreSQL"
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates libcurl4 libjson-c5 \
        "postgresql-$PG_MAJOR-cron" \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /installed /
# Where the image makes a new cluster, its databases have the extensions.
COPY --chmod=755 docker/init.sh /docker-entrypoint-initdb.d/pinterest_fdw.sh
CMD ["postgres", "-c", "shared_preload_libraries=pg_cron"]
