/** Where the data comes from: out of the page itself, or, of a run in progress, from the server of the page. */
import type { PageData } from '../page-data.ts';

export async function embeddedData(): Promise<PageData> {
  const element = document.getElementById('data');
  const text = element?.textContent ?? '';
  if (element?.getAttribute('type') !== 'application/gzip') return JSON.parse(text) as PageData;
  const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return (await new Response(stream).json()) as PageData;
}

/** Calls `onData` whenever the server says that there is more. Only in a page that is served live. */
export function followLive(onData: (data: PageData) => void, onEnd: () => void): void {
  const events = new EventSource('events');
  let isAsking = false;
  let isAskedAgain = false;
  const ask = async (): Promise<void> => {
    if (isAsking) {
      isAskedAgain = true;
      return;
    }
    isAsking = true;
    try {
      const response = await fetch('data.json', { cache: 'no-store' });
      if (response.ok) onData((await response.json()) as PageData);
    } catch {
      // The next event asks again; when the server has gone there is none.
    }
    isAsking = false;
    if (isAskedAgain) {
      isAskedAgain = false;
      await ask();
    }
  };
  events.addEventListener('changed', () => void ask());
  events.addEventListener('ended', () => {
    events.close();
    void ask().then(onEnd);
  });
}
