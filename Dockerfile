# Vestibule in a container: one binary, no shell, no root. Build: docker build -t vestibule .
#
#   docker run --read-only --cap-drop=ALL --security-opt=no-new-privileges \
#     -p 443:443 -p 80:80 -v /srv/vestibule/etc:/etc/vestibule:ro -v /srv/vestibule/state:/var/lib/vestibule \
#     --tmpfs /run/vestibule:uid=65532,gid=65532,mode=750 vestibule
#
# Both folders belong to 65532 (chown -R 65532:65532), the keys in them at mode 0600; vestibule.toml as in README.md. The portal's
# containers must have no port of their own that anybody but this one can reach.
FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY Cargo.toml Cargo.lock rust-toolchain.toml askama.toml ./
COPY src src
COPY static static
COPY config config
COPY *.schema.json ARCHITECTURE.md README.md ./
RUN cargo build --release --locked --bin vestibule

# glibc and certificates of public authorities, and nothing else: no shell, no package manager.
FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /src/target/release/vestibule /usr/bin/vestibule
# A number, so that Kubernetes can see that it is not root.
USER 65532:65532
WORKDIR /var/lib/vestibule
EXPOSE 443 80
STOPSIGNAL SIGTERM
# /readyz of the internal address, asked by the program itself: there is nothing else in here that could.
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["/usr/bin/vestibule", "health"]
ENTRYPOINT ["/usr/bin/vestibule"]
CMD ["serve", "--config", "/etc/vestibule/vestibule.toml"]
