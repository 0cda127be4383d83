import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { create } from 'xmlbuilder2';
import { validateXML } from 'xmllint-wasm';
import { diagnosis, entry, finding } from '../../testing/entries.ts';
import type { ReportedRun } from '../reported-run.ts';
import type { Ran, RunEntry } from '../run-json.ts';
import { junitXml } from './junit.ts';

const SCHEMA = readFileSync(new URL('../fixtures/jenkins-junit.xsd', import.meta.url), 'utf8');
const AT = new Date('2026-03-04T05:06:07.089Z');
const REPRO = 'npx hanglab run upload-burst --seed 7';

const reported = (entry: RunEntry): ReportedRun => ({ entry, file: null, repro: REPRO });
const xmlOf = (...entries: RunEntry[]): string => junitXml(entries.map(reported), AT);

async function problemsOf(xml: string): Promise<string[]> {
  const { errors } = await validateXML({ xml, schema: SCHEMA });
  return errors.map(({ message }) => message);
}

interface Parsed {
  testsuites: Record<string, unknown>;
}

/** The document as a program reads it back: attributes as `@name`, text as `#`. */
const parse = (xml: string): Parsed => create(xml).end({ format: 'object' }) as unknown as Parsed;

const EVERY_KIND = entry({
  findings: [
    finding(),
    finding({ check: 'health', verdict: 'pass' }),
    finding({ check: 'fds-back', verdict: 'not-reached', message: 'not reached: cut short' }),
    finding({ check: 'harness-trusted', verdict: 'inconclusive', message: 'too slow' }),
    finding({ check: 'others-progress', known: 'see #12' }),
  ],
  diagnosis: diagnosis('Everyone waits for the permit.'),
});

describe('junitXml', () => {
  it('holds by the schema of Jenkins, whatever there is to tell', async () => {
    const healthy = entry({ defect: null, findings: [], durationMs: 0.0001 });
    const skipped = { name: 'fd-limit', skipped: 'the target cannot restart' };
    const never: Ran = { ...entry({ name: 'llm-slow' }), reportFolder: null, toxiproxy: null };
    const xml = xmlOf(EVERY_KIND, EVERY_KIND, healthy, skipped, never);
    expect(await problemsOf(xml)).toEqual([]);
    expect(await problemsOf(xmlOf())).toEqual([]);
  });

  it('would not hold if it were wrong: the schema is really read', async () => {
    const xml = xmlOf(EVERY_KIND).replace('<error ', '<err ').replace('</error>', '</err>');
    expect(await problemsOf(xml)).not.toEqual([]);
  });

  it('has a suite a scenario, and a case a check, with its kind', () => {
    expect(parse(xmlOf(EVERY_KIND))).toMatchObject({
      testsuites: {
        ...{
          '@name': 'hanglab',
          '@tests': '5',
          '@failures': '1',
          '@errors': '1',
          '@time': '1.234',
        },
        testsuite: {
          ...{ '@name': 'upload-burst + longer-timeout', '@tests': '5', '@skipped': '2' },
          '@timestamp': '2026-03-04T05:06:07',
          testcase: [
            {
              ...{ '@name': 'progress', '@classname': 'hanglab.upload-burst+longer-timeout' },
              failure: {
                ...{ '@message': 'nothing was finished', '@type': 'progress' },
                '#': [
                  'nothing was finished',
                  'measured: 5 s',
                  'limit: 2 s',
                  'diagnosis: Everyone waits for the permit.',
                  'report: reports/upload-burst/now',
                  `run it again: ${REPRO}`,
                ].join('\n'),
              },
            },
            { '@name': 'health' },
            { '@name': 'fds-back', skipped: { '@message': 'not reached: cut short' } },
            { '@name': 'harness-trusted', error: { '@message': 'too slow' } },
            { '@name': 'others-progress', skipped: { '@message': 'known failure: see #12' } },
          ],
        },
      },
    });
  });

  it('shows a skipped scenario as one skipped case with its reason', () => {
    const xml = xmlOf({ name: 'fd-limit', skipped: 'the target cannot restart' });
    expect(parse(xml)).toMatchObject({
      testsuites: {
        testsuite: {
          ...{ '@name': 'fd-limit', '@tests': '1', '@skipped': '1', '@failures': '0' },
          testcase: { '@name': 'fd-limit', skipped: { '@message': 'the target cannot restart' } },
        },
      },
    });
  });

  it('holds whatever a log line may hold: markup, controls, halves of characters', async () => {
    const awkward = [
      ']]>',
      '\u0000\u001b[31mred',
      '\ud800',
      '\ufffe',
      '<a b="c">&amp;',
      '\r\n\t',
      '😀',
    ];
    const text = fc.array(fc.oneof(fc.constantFrom(...awkward), fc.string({ unit: 'binary' })));
    const findings = fc.sample(text, 200).map((parts) => finding({ message: parts.join('') }));
    expect(await problemsOf(xmlOf(entry({ findings })))).toEqual([]);
  });

  it('says a message exactly: its first line as the headline, all of it in the text', () => {
    const message = 'a <b> & "c" &lt;\nd ]]> \u001b 😀';
    const xml = xmlOf(entry({ findings: [finding({ message })] }));
    expect(xml).toContain('message="a &lt;b&gt; &amp; &quot;c&quot; &amp;lt;" ');
    expect(xml).toContain('>a &lt;b&gt; &amp; "c" &amp;lt;\nd ]]&gt; \ufffd 😀\nmeasured: 5 s\n');
  });
});
