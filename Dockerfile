# syntax=docker/dockerfile:1

# The toolchain is named by version: what builds today builds the same in a year.
FROM rust:1.95-bookworm AS builder
WORKDIR /source
COPY Cargo.toml Cargo.lock ./
COPY crates ./crates
COPY src ./src
COPY migrations ./migrations
# The caches keep downloaded and compiled dependencies between builds; the program is copied out of them, for a cache is no layer.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/source/target \
    cargo build --release --locked --bin tautband \
    && cp target/release/tautband /tautband

FROM debian:bookworm-slim
# Root certificates, for outgoing TLS. No libpq: the service speaks the protocol itself.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin tautband
COPY --from=builder /tautband /usr/local/bin/tautband
# By number, so that an orchestrator can tell that it is not root.
USER 10001
ENV TAUTBAND_LISTEN=0.0.0.0:8080
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s --retries=3 \
    CMD ["tautband", "health", "--url", "http://127.0.0.1:8080/health/ready"]
ENTRYPOINT ["tautband"]
CMD ["serve"]
