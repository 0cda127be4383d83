/**
 * Measures the bundled server where the reports describe failures, healthy and with each defect, in one
 * run: `node target/bench/main.ts [token-storm|long-answer|session-listing]`.
 */
import { longAnswer } from './long-answer.ts';
import { sessionListing } from './session-listing.ts';
import { tokenStorm } from './token-storm.ts';

const BENCHES: Record<string, () => AsyncIterable<string>> = {
  'token-storm': tokenStorm,
  'long-answer': longAnswer,
  'session-listing': sessionListing,
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  const names = Object.keys(BENCHES).join(', ');
  process.stderr.write(`there is no bench ${unknown.join(', ')}; there are: ${names}\n`);
  process.exit(3);
}
for (const [name, bench] of Object.entries(BENCHES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  process.stdout.write(`\n${name}\n`);
  for await (const line of bench()) process.stdout.write(`  ${line}\n`);
}
