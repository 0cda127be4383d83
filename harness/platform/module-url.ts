/** Finding our own files both in a checkout (`.ts`) and in the published package (`.js`). */

/**
 * The URL of a module to start as a thread or process, beside `importMetaUrl`, with its extension.
 * Needed because only import specifiers are rewritten by the build, not strings.
 */
export function moduleUrl(pathWithoutExtension: string, importMetaUrl: string): URL {
  const extension = importMetaUrl.endsWith('.ts') ? '.ts' : '.js';
  return new URL(`${pathWithoutExtension}${extension}`, importMetaUrl);
}
