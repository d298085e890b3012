# One image for every service: the tree as it is, for Node strips types only outside node_modules.
# `hub` is what runs; `county` adds the made-up county that tries it out.
ARG NODE_IMAGE=node:24-bookworm-slim

# What npm reads and nothing else, so that its layer stays while sources change.
FROM ${NODE_IMAGE} AS manifests
WORKDIR /tree
COPY . .
RUN mkdir /manifests && find . -name package.json -exec cp --parents '{}' /manifests ';' \
  && cp package-lock.json .npmrc /manifests/

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /throughline
COPY --from=manifests /manifests ./
# Workspaces stay links. No scripts: node itself comes from the base image.
ARG NPM_CONFIG_REGISTRY
RUN npm ci --omit=dev --ignore-scripts && npm cache clean --force

FROM ${NODE_IMAGE} AS hub
ENV NODE_ENV=production
WORKDIR /throughline
COPY --from=dependencies /throughline/node_modules node_modules
COPY package.json ./
COPY schemas schemas
COPY packages packages
COPY connectors connectors
COPY processors processors
COPY deploy deploy
# Named volumes begin as these folders do: the services' user may write the first secrets.
RUN mkdir -p /secrets/hub /secrets/postgres /secrets/grafana /secrets/credentials /schema-ids \
  && chown -R node:node /secrets /schema-ids
USER node
CMD ["node", "--max-semi-space-size=16", "--heap-growing-percent=100", "deploy/hub/src/main.ts", "--config", "/secrets/hub/hub.config.json"]

FROM hub AS county
COPY test test
CMD ["node", "test/demo/main.ts", "--once"]
