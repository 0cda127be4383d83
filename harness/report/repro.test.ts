import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type RunSettings, reproCommand, reproScript } from './repro.ts';

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

  it('names the config of a server of your own, and its variant', () => {
    const own = { ...settings, config: '/srv/hanglab.config.ts', defect: 'old' };
    expect(reproCommand(own)).toBe(
      'npx hanglab run upload-burst --seed 7 --config /srv/hanglab.config.ts --variant old',
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

describe('repro.sh', () => {
  it('runs this copy of hanglab, in the folder and with the variables of the run, from anywhere', () => {
    const folder = mkdtempSync(join(tmpdir(), "repro it's-"));
    try {
      const environment = { TOXIPROXY_URL: 'http://127.0.0.1:1/a b', SECRET: 'x' };
      const script = reproScript({ ...settings, scenario: '--help' }, folder, environment);
      const asked = script
        .replace(/^exec .*hanglab\.js/m, 'pwd; printf "%s\\n" "$TOXIPROXY_URL"; echo')
        .replace('"$@"', '"$@"');
      const file = join(folder, 'repro.sh');
      writeFileSync(file, asked);
      const seen = execFileSync('/bin/sh', [file, '--extra'], { encoding: 'utf8', cwd: '/' });
      expect(seen).toBe(`${folder}\nhttp://127.0.0.1:1/a b\nrun --help --seed 7 --extra\n`);
      expect(script).not.toContain('SECRET');
      writeFileSync(file, script);
      const help = execFileSync('/bin/sh', [file], { encoding: 'utf8', cwd: '/' });
      expect(help).toContain('Usage: hanglab run');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
