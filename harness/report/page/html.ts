/**
 * One page as one HTML file that works from anywhere: script, style and data are inside it, and its content
 * security policy allows nothing else, so that nothing in the data can run, load or send anything.
 */
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { pageAssets } from './page-assets.ts';
import type { PageData } from './page-data.ts';

/** Below this compressing makes a page that is harder to look into, and hardly smaller. */
const PLAIN_BYTES = 30_000;

const MAX_TEXT = 1500;

/** @param live the page asks its own server for new data: `hanglab report serve`. */
export async function pageHtml(data: PageData, live = false): Promise<string> {
  const { script, style } = pageAssets();
  const policy = [
    "default-src 'none'",
    `script-src '${sha256(script)}'`,
    `style-src '${sha256(style)}'`,
    `connect-src ${live ? "'self'" : "'none'"}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    '<meta name="referrer" content="no-referrer">',
    `<title>${escapeHtml(data.title)} · hanglab</title>`,
    `<style>${style}</style>`,
    '</head>',
    `<body${live ? ' data-live' : ''}>`,
    `<main id="page"><noscript>${escapeHtml(plainText(data))}</noscript></main>`,
    await dataElement(data),
    `<script>${script}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

/** What a browser without scripts shows. */
function plainText(data: PageData): string {
  const text = data.kind === 'run' ? `${data.headline} Run it again: ${data.repro}` : '';
  return `${data.title}. ${text} This page draws itself by a script, which is switched off here.`;
}

/** An element whose content no browser runs; in it, nothing can end it. */
async function dataElement(data: PageData): Promise<string> {
  const json = JSON.stringify(data, (_key, value) =>
    typeof value === 'string' ? cut(value) : value,
  );
  if (json.length < PLAIN_BYTES) {
    return `<script type="application/json" id="data">${escapeJson(json)}</script>`;
  }
  const packed = await promisify(gzip)(json, { level: constants.Z_BEST_COMPRESSION });
  const base64 = packed.toString('base64');
  return `<script type="application/gzip" id="data">${base64}</script>`;
}

/** A log line or a file name may have any length; nobody reads more of it in a page. */
function cut(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}…`;
}

function escapeJson(json: string): string {
  return json.replaceAll(
    /[<\u2028\u2029]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function escapeHtml(text: string): string {
  const names: Record<string, string> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot' };
  return text.replaceAll(/[&<>"]/g, (sign) => `&${names[sign]};`);
}

function sha256(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
