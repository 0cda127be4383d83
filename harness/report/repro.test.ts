import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { type RunSettings, reproCommand } from './repro.ts';

const settings: RunSettings = {
  scenario: 'upload-burst',
  defect: null,
  seed: 7,
  scale: 1,
  toxiproxy: 'embedded',
  documents: null,
};

describe('reproCommand', () => {
  it('leaves out what is the default anyway', () => {
    expect(reproCommand(settings)).toBe('npx hanglab run upload-burst --seed 7');
  });

  it('names everything that was chosen', () => {
    const chosen = { ...settings, defect: 'longer-timeout', scale: 2.5, documents: 'docs' };
    expect(reproCommand({ ...chosen, toxiproxy: 'http://127.0.0.1:8474' })).toBe(
      'npx hanglab run upload-burst --seed 7 --defect longer-timeout --scale 2.5 --toxiproxy http://127.0.0.1:8474 --documents docs',
    );
  });

  it.each([
    "it's here",
    'a b',
    '$(touch x)',
    '`id`',
    'a"b',
    'a;b',
    '*',
    "''",
  ])('survives a shell: %s', (documents) => {
    const words = reproCommand({ ...settings, documents }).replace('npx hanglab', "printf '%s\\n'");
    const seen = execFileSync('/bin/sh', ['-c', words], { encoding: 'utf8' }).split('\n');
    expect(seen.at(-2)).toBe(documents);
  });
});
