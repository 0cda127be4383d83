/** `node build-assets.ts FOLDER`: writes script and style of the pages for the package, where it runs from `dist`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUILT_ASSETS, makeAssets } from './page-assets.ts';

const [folder = '.'] = process.argv.slice(2);
writeFileSync(join(folder, BUILT_ASSETS), JSON.stringify(makeAssets()));
