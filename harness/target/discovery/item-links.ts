/** Joins requests for one result, `GET /documents/${id}`, to the write that makes it, `POST /documents`. */
import type { Candidate, Offered, Unused } from './offered.ts';
import { pathIn } from './operation-path.ts';
import type { ItemPaths } from './promised.ts';

const PLACE = '/${id}';

export function linkItems(candidates: readonly Candidate[]): Offered {
  const items = candidates.filter((each) => pathIn(each.config).includes('${id}'));
  const others = candidates.filter((each) => !items.includes(each));
  const unused: Unused[] = [];
  const links = new Map<Candidate, ItemPaths>();
  for (const item of items) {
    const path = pathIn(item.config);
    const collection = path.slice(0, Math.max(0, path.indexOf(PLACE)));
    const write = others.find(
      (each) => isWrite(each) && pathIn(each.config).split('?')[0] === collection,
    );
    const role = roleOf(item);
    if (write === undefined || role === null) {
      const reason =
        write === undefined
          ? `no other operation is a POST ${collection || '/'} that makes what \${id} names`
          : 'of the requests for one result only GET and DELETE are used';
      unused.push({ label: item.label, reason });
      continue;
    }
    const before = links.get(write) ?? NOTHING;
    links.set(write, { ...before, template: path, [role]: path });
  }
  const linked = others.map((each) => {
    const item = links.get(each);
    return item === undefined ? each : { ...each, item };
  });
  return { candidates: linked, unused };
}

const NOTHING: ItemPaths = { template: '', parameter: null, get: null, remove: null, state: null };

function isWrite({ config }: Candidate): boolean {
  return config.post !== undefined || config.put !== undefined;
}

function roleOf({ config }: Candidate): 'get' | 'remove' | null {
  if (config.get !== undefined) return 'get';
  return config.delete === undefined ? null : 'remove';
}
