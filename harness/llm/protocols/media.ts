/** What is no text in a prompt, described in a sentence: nothing is fetched or decoded. */

/** `source` is a URL, or a data URL. */
export function describeImage(source: string): string {
  const data = /^data:([^;,]*)(?:;[^,]*)?,(.*)$/s.exec(source);
  if (!data) return `The image is at ${source.slice(0, 200)}.`;
  return describeData('image', data[1] || 'image/png', data[2] as string);
}

/** `kind`: image, sound or file; `base64`: its content. */
export function describeData(kind: string, type: string, base64: string): string {
  const bytes = Math.floor((base64.replace(/=+$/, '').length * 3) / 4);
  return `The ${kind} is of type ${type} and has ${bytes} ${bytes === 1 ? 'byte' : 'bytes'}.`;
}
