import { inspect } from 'node:util';
import { defect } from '../defect.ts';

/** Frames of the call that failed, from the route down to the socket. */
const FRAMES = [
  'route',
  'readUpload',
  'ingest',
  'topicsOf',
  'model.topics',
  'chat',
  'ask',
  'permitOf',
  'attempt',
  'request',
  'post',
  'read',
];

/** Lines that reach the log; by then everything has been rendered. */
const SHOWN_LINES = 200;

export default defect({
  why: 'A failed model call is rendered on the event loop: every frame with all its locals, prettily.',
  parts: () => ({
    failureReport:
      ({ log }) =>
      (error, { id, title, text }) => {
        const rendered = FRAMES.map((frame) => {
          const words = text.split(/\s+/).map((word, at) => ({ at, word }));
          return renderFrame(frame, { error, document: { id, title, text, words } });
        });
        const lines = rendered.flat();
        const shown = lines.slice(0, SHOWN_LINES).join('\n');
        log.error({ event: 'upload-failed', documentId: id, lines: lines.length, shown });
      },
  }),
});

/** A box of text: a line for each line of the locals, wrapped and coloured. */
function renderFrame(frame: string, locals: object): string[] {
  const text = inspect(locals, { depth: null, maxArrayLength: null, maxStringLength: null });
  const lines = text.split('\n').flatMap((line) => wrap(line, 100));
  const width = Math.max(...lines.map(displayWidth));
  return [
    `╭─ ${frame} `,
    ...lines.map((line) => `│ ${paint(line)}${' '.repeat(width - displayWidth(line))} │`),
  ];
}

function wrap(line: string, width: number): string[] {
  return line.match(new RegExp(`.{1,${width}}`, 'gu')) ?? [''];
}

/** Wide characters take two places, accents none. */
function displayWidth(line: string): number {
  const segments = new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(line);
  let width = 0;
  for (const { segment } of segments)
    width += /\p{Emoji_Presentation}|\p{Script=Han}/u.test(segment) ? 2 : 1;
  return width;
}

function paint(line: string): string {
  return line
    .replace(/'(?:[^'\\]|\\.)*'/g, (text) => `\x1b[32m${text}\x1b[39m`)
    .replace(/\b\d+(?:\.\d+)?\b/g, (number) => `\x1b[33m${number}\x1b[39m`)
    .replace(/\b(\w+):/g, (_all, key) => `\x1b[36m${key}\x1b[39m:`);
}
