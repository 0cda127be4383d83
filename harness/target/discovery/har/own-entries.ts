/** Of a recording, the requests that went to the server itself: not to other hosts, and not for static files. */
import type { HarEntry } from './har.ts';

export interface OwnEntry {
  entry: HarEntry;
  method: string;
  /** With its query. */
  path: string;
}

const STATIC_KINDS = new Set([
  'script',
  'stylesheet',
  'image',
  'font',
  'media',
  'manifest',
  'ping',
  'preflight',
]);
const STATIC_TYPES = /^(image|font|audio|video)\/|^text\/(css|javascript)|javascript|wasm/;
const STATIC_FILES =
  /\.(js|mjs|css|map|png|jpe?g|gif|svg|ico|webp|avif|woff2?|ttf|eot|mp[34]|webm|wasm)$/i;

/**
 * Those of one origin: that of the recorded page, else the one with most requests. Where the server listens now
 * does not matter.
 */
export function ownEntries(entries: readonly HarEntry[]): OwnEntry[] {
  const all = entries.flatMap((entry) => {
    const url = URL.canParse(entry.request.url) ? new URL(entry.request.url) : null;
    return url && /^https?:$/.test(url.protocol) ? [{ entry, url }] : [];
  });
  const dynamic = all.filter(({ entry, url }) => !isStatic(entry, url));
  const page = all.find(({ entry }) => isPage(entry))?.url.origin;
  const counts = [...Map.groupBy(dynamic, ({ url }) => url.origin)];
  const [most] = counts.toSorted(([, a], [, b]) => b.length - a.length);
  const pageHas = counts.some(([origin]) => origin === page);
  const origin = pageHas ? page : most?.[0];
  return dynamic
    .filter(({ url }) => url.origin === origin)
    .map(({ entry, url }) => ({
      entry,
      method: entry.request.method.toUpperCase(),
      path: url.pathname + url.search,
    }));
}

function isPage({ _resourceType, response }: HarEntry): boolean {
  return _resourceType === 'document' || response.content.mimeType.startsWith('text/html');
}

function isStatic({ _resourceType, response }: HarEntry, { pathname }: URL): boolean {
  return (
    STATIC_KINDS.has(_resourceType ?? '') ||
    STATIC_TYPES.test(response.content.mimeType) ||
    STATIC_FILES.test(pathname)
  );
}
