# syntax=docker/dockerfile:1
# credctl as an image: `docker build -t credctl .`, then for a store in a file
#   docker run --rm -v credctl:/var/lib/credctl credctl store init
#   docker run -d --name credctl --read-only --tmpfs /tmp -v credctl:/var/lib/credctl -p 127.0.0.1:8080:8080 credctl
# For PostgreSQL, compose.yaml. Commands: `docker exec credctl credctl list`.
ARG NODE_VERSION=24.22.3

FROM node:${NODE_VERSION}-bookworm AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY rolldown.config.mjs tsconfig.json tsconfig.types.json CHANGELOG.md LICENSE README.md ./
COPY bin bin
COPY man man
COPY scripts scripts
COPY src src
# npm pack builds; what is installed is the package that a release publishes.
RUN npm pack && \
    npm install --global --prefix /opt/credctl --allow-scripts=better-sqlite3 --no-audit --no-fund ./credctl-*.tgz

FROM node:${NODE_VERSION}-bookworm-slim
LABEL org.opencontainers.image.title="credctl" \
      org.opencontainers.image.description="Issue, list, rotate and delete API credentials, and answer for them over HTTP" \
      org.opencontainers.image.licenses="MIT"
RUN groupadd --system --gid 10001 credctl && \
    useradd --system --uid 10001 --gid credctl --home-dir /var/lib/credctl --shell /usr/sbin/nologin credctl && \
    install -d -o credctl -g credctl -m 0700 /var/lib/credctl && \
    ln -s /opt/credctl/bin/credctl /usr/local/bin/credctl
COPY --from=build /opt/credctl /opt/credctl
# The store is /var/lib/credctl/credctl.db unless CREDCTL_STORE names another, the configuration /etc/credctl/config.toml.
# In /tmp, which may be missing, are temporary files and the cache of compiled code.
ENV NODE_ENV=production \
    HOME=/var/lib/credctl \
    XDG_DATA_HOME=/var/lib \
    XDG_CONFIG_HOME=/etc \
    XDG_CACHE_HOME=/tmp
USER 10001:10001
WORKDIR /var/lib/credctl
EXPOSE 8080
# `serve` ends itself at SIGTERM and starts nothing that would have to be reaped, so that it may be process 1.
# `credctl run` starts programs: give it an init process, with `docker run --init`.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=15s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["credctl"]
# Clients of other names need an --allowed-host each, and something in front that does TLS.
CMD ["serve", "--host", "0.0.0.0", "--allowed-host", "localhost", "--allowed-host", "127.0.0.1"]
