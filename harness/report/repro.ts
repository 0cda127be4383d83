/** The command that runs the same plan again. */

export interface RunSettings {
  scenario: string;
  defect: string | null;
  seed: number;
  scale: number;
  toxiproxy: string;
  documents: string | null;
  retainPromises?: boolean;
  /** The tool of clinic that the target ran under. */
  profiler?: string;
}

export function reproCommand(settings: RunSettings): string {
  const { scenario, defect, seed, scale, toxiproxy, documents, retainPromises, profiler } =
    settings;
  const command = profiler ? ['profile', scenario, '--with', profiler] : ['run', scenario];
  const words = ['npx', 'hanglab', ...command, '--seed', String(seed)];
  if (defect) words.push('--defect', defect);
  if (scale !== 1) words.push('--scale', String(scale));
  if (toxiproxy !== 'embedded') words.push('--toxiproxy', toxiproxy);
  if (documents) words.push('--documents', documents);
  if (retainPromises) words.push('--retain-promises');
  return words.map(shellWord).join(' ');
}

function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
