FROM node:26-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts

# Node runs the TypeScript itself, so there is nothing to build.
FROM node:26-bookworm-slim
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=3000 \
    DATA_DIR=/data
RUN apt-get update \
 && apt-get install --yes --no-install-recommends tini \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY package.json LICENSE ./
COPY schemas schemas
COPY src src
# Compiles the modules once, into the cache that every start reads.
RUN node --import ./src/boot.js --eval "await import('./src/app/run.ts')"
RUN install --directory --owner=node --group=node --mode=0700 /data \
 && ln --symbolic /app/src/cli/onehook.js /usr/local/bin/onehook
USER node
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "--eval", "fetch('http://127.0.0.1:' + process.env.PORT + '/livez').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# As process 1, Node would not hear a stop before it is up. After SIGTERM, give it 30 s to finish what is in flight.
ENTRYPOINT ["tini", "--"]
# A small young generation halves the memory under load and costs no measurable time (docs/explanation/scaling.md).
CMD ["node", "--max-semi-space-size=4", "--import", "./src/boot.js", "src/main.ts"]
