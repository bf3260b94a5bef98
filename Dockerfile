FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY src src
COPY jobs jobs
COPY scripts scripts
COPY templates templates
COPY demo demo
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM node:20-bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends git && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY src/review/review.schema.json src/review/review.schema.json
COPY templates templates
COPY demo demo
USER node
EXPOSE 8080
ENTRYPOINT ["node", "dist/avicbot.cjs"]
