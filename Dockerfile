# hanglab, its bundled server and its scripted model in one image.
# Any image with Node 24 and npm will do as the base.
ARG NODE_IMAGE=node:24-bookworm-slim
FROM ${NODE_IMAGE}

WORKDIR /hanglab
COPY package.json package-lock.json ./
# Node 24 is the image's own, so the development dependency that brings one is left out with the others.
# LanceDB's local embedding models would be 300 MB that nothing here loads.
RUN npm ci --omit=dev --no-audit --no-fund && npm cache clean --force \
  && rm -r node_modules/@huggingface node_modules/onnxruntime-* node_modules/sharp node_modules/@img
COPY bin bin
COPY harness harness
COPY scenarios scenarios
COPY target target
COPY *.md ./
RUN mkdir reports && chown 1000:1000 reports

USER 1000:1000
# A process that is asked by a signal opens its inspector on a free port, not on 9229 for all.
ENV NODE_OPTIONS=--inspect-port=0
HEALTHCHECK --interval=5s --timeout=2s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/health').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "bin/hanglab.js"]
CMD ["target", "--port", "8080"]
