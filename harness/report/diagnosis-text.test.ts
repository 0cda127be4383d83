/** What a terminal shows of a diagnosis. */
import { stripVTControlCharacters, styleText } from 'node:util';
import { expect, test } from 'vitest';
import type { Diagnosis } from '../diagnosis/diagnosis.ts';
import { diagnosis as plainDiagnosis } from '../testing/entries.ts';
import { diagnosisText } from './diagnosis-text.ts';
import type { Excerpt } from './page/page-data.ts';
import type { TextLook } from './text-look.ts';

const place = { function: 'handler', file: 'src/a.ts', line: 12, column: 5 };
const DEADLOCK: Diagnosis = {
  ...plainDiagnosis('Deadlock: handler waits for a permit that nobody gives back'),
  where: [
    {
      ...{ ...place, count: 3, ageMs: 4200, waitsFor: 'a permit' },
      chain: [{ ...place, function: 'route', line: 3 }, place],
      locals: [{ name: 'id', value: '7' }],
    },
  ],
  holder: { kind: 'function', sentence: 'worker (src/b.ts:9) holds it', where: null },
  evidence: ['nothing is in flight'],
  ruledOut: [{ code: 'crashed', because: 'the process lives' }],
  costMs: { frozen: 400, total: 2500 },
};
const EXCERPT: Excerpt = {
  ...{ function: 'handler', file: 'src/a.ts', line: 12, firstLine: 9, column: 5 },
  lines: ['', 'async function handler() {', '  try {', '    await permit;', '  } finally {', '}'],
};
const COLOURED: TextLook = {
  width: 60,
  paint: (style, text) => styleText(style, text, { validateStream: false }),
};

test('the sentence, the place with its source, who holds it, and why', () => {
  expect(diagnosisText(DEADLOCK, undefined, [EXCERPT])).toBe(
    [
      'deadlock: Deadlock: handler waits for a permit that nobody gives back',
      '',
      '--> src/a.ts:12:5 handler: 3 waiting, the oldest for 4.2 s',
      '  10 | async function handler() {',
      '  11 |   try {',
      '> 12 |     await permit;',
      '     |     ^ waits for a permit',
      '  13 |   } finally {',
      '  14 | }',
      '  called by route (src/a.ts:3)',
      '  with id = 7',
      '',
      'who could unblock it',
      '  worker (src/b.ts:9) holds it',
      '',
      'evidence',
      '  nothing is in flight',
      '',
      'ruled out',
      '  crashed: the process lives',
      '',
      'diagnosis took 2.5 s; the process was paused for 400 ms',
    ].join('\n'),
  );
});

test('without its source the place still says what it waits for', () => {
  expect(diagnosisText(DEADLOCK)).toContain(
    'handler: 3 waiting, the oldest for 4.2 s\n  waits for a permit\n',
  );
});

test('in a terminal it is as wide as the terminal, and coloured', () => {
  const long = { ...DEADLOCK, evidence: ['a measured thing '.repeat(20).trim()] };
  const text = diagnosisText(long, COLOURED, [
    { ...EXCERPT, lines: EXCERPT.lines.map((line) => line.padEnd(200, 'x')) },
  ]);
  expect(text).toContain('\u001b[31m');
  for (const line of stripVTControlCharacters(text).split('\n')) {
    expect(line.length).toBeLessThanOrEqual(62);
  }
});

test('what the target wrote cannot move the cursor', () => {
  const hostile = '\u001b[2J\u202e';
  const text = diagnosisText(
    {
      ...DEADLOCK,
      sentence: hostile,
      where: [
        { ...(DEADLOCK.where[0] as Diagnosis['where'][0]), function: hostile, waitsFor: hostile },
      ],
      evidence: [hostile],
    },
    undefined,
    [{ ...EXCERPT, lines: [hostile, hostile, hostile, hostile] }],
  );
  expect(text).not.toMatch(/[\u001b\u202e]/);
  expect(text).toContain('\\u{1b}[2J');
});
