# Moderato with the Postgres server it runs by itself where DATABASE_URL is not set.

FROM rust:1.95-bookworm AS build
WORKDIR /src
ENV SQLX_OFFLINE=true
# The dependencies alone: a layer that stays until Cargo.lock changes. Targets named in Cargo.toml are not
# here yet, so they are left out.
COPY Cargo.toml Cargo.lock ./
RUN sed -i '/^\[\[/,/^$/d' Cargo.toml \
    && mkdir src && touch src/lib.rs && echo 'fn main() {}' >src/main.rs \
    && cargo build --release --locked
COPY . .
# Cargo goes by the time of a file, and the real ones may be older than the ones just compiled.
RUN touch src/lib.rs src/main.rs && cargo build --release --locked

FROM debian:bookworm-slim
# Only the server's programs are wanted, not a cluster made by the package. Just-in-time compilation is off,
# so that the compiler's libraries, the largest part of the package, can go; documentation and translations too.
RUN mkdir -p /etc/postgresql-common/createcluster.d \
    && echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.d/moderato.conf \
    && apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ca-certificates postgresql-15 \
    && apt-get clean \
    && rm -rf /usr/lib/*/libLLVM* /usr/lib/*/libz3* /usr/lib/postgresql/15/lib/llvmjit* \
        /usr/lib/postgresql/15/lib/bitcode /usr/share/doc/* /usr/share/man/* /usr/share/i18n/* \
        /usr/share/locale/* /var/lib/apt/lists/* \
    && groupadd --gid 10001 moderato \
    && useradd --uid 10001 --gid 10001 --home-dir /data --no-create-home --shell /usr/sbin/nologin moderato \
    && install -d -m 700 -o moderato -g moderato /data
COPY --from=build /src/target/release/moderato /usr/local/bin/moderato
COPY models/ /usr/share/moderato/models/
ENV MODERATO_DATA_DIR=/data MODERATO_LISTEN=0.0.0.0:8080
VOLUME /data
EXPOSE 8080
# By number, so that a cluster can see that it is not root.
USER 10001:10001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["moderato", "doctor", "--ready"]
ENTRYPOINT ["moderato"]
CMD ["serve"]
