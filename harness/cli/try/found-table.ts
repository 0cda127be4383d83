/** What was found out about a server, and how many scenarios each finding unlocks. */
import { formatMs } from '../../platform/duration.ts';
import { plural } from '../../platform/plural.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import type { EndpointConfig, TargetConfig } from '../../target/config/config.ts';
import { pathIn } from '../../target/discovery/operation-path.ts';
import type { KeptOperation } from '../../target/discovery/running/try-all.ts';
import { NEEDS, type Need } from '../../target/needs.ts';
import type { FoundOut } from './find-out.ts';
import type { ServerSettings } from './server-options.ts';

export interface FoundRow {
  what: string;
  where: string;
  unlocks: string;
}

/** Pure: one row for each finding, then one for what would unlock more. */
export function foundRows(
  found: FoundOut,
  server: ServerSettings,
  scenarios: readonly Scenario[],
): FoundRow[] {
  const { config, discovery, target } = found;
  const unlocked = (needs: readonly Need[]): string => {
    const offered = needs.filter((need) => target.offers.has(need));
    const count = scenarios.filter((each) => each.needs.some((need) => offered.includes(need)));
    return count.length === 0 ? '-' : plural(count.length, 'scenario');
  };
  const { document } = discovery;
  return [
    {
      what: 'server',
      where: `process ${found.process.pid}, port ${found.process.port}, ready in ${formatMs(found.calibration.startMs)}`,
      unlocks: unlocked(['restart', 'stop', 'fd-limit', 'temporary-folder']),
    },
    ...(config.health === undefined
      ? []
      : [
          {
            what: 'health',
            where: healthText(config.health, found),
            unlocks: unlocked(['health']),
          },
        ]),
    ...(document === null
      ? []
      : [
          {
            what: 'document',
            where: `${document.where} (${document.document.version})`,
            unlocks: plural(discovery.operations.length, 'operation'),
          },
        ]),
    ...kindRows(found, unlocked),
    ...modelRows(found, server, unlocked),
    ...upstreamRows(config, found, unlocked),
    ...server.likely.map(({ name, at, variable, from }) => ({
      what: 'upstream',
      where: `${variable} leads to ${at} (${from}), without a link: give --upstream ${name}=${at}=${variable}`,
      unlocks: '-',
    })),
    ...(config.progress === undefined
      ? []
      : [{ what: 'progress', where: progressText(config), unlocks: unlocked(['progress']) }]),
  ];
}

const KINDS = ['read', 'write', 'stream', 'delete'] as const;
const UNLOCKED_BY: Readonly<Record<(typeof KINDS)[number], readonly Need[]>> = {
  read: ['read', 'bystander'],
  write: ['write', 'sized-write', 'marked-write', 'done', 'find'],
  stream: ['stream'],
  delete: ['delete'],
};

function kindRows(
  { target, discovery, config }: FoundOut,
  unlocked: (needs: readonly Need[]) => string,
): FoundRow[] {
  return KINDS.flatMap((kind) => {
    const own = discovery.operations.filter(
      ({ candidate: { name } }) =>
        target.operations[name]?.kind === kind && config.operations?.[name] !== undefined,
    );
    if (own.length === 0) return [];
    const where = own.map(operationText).join(', ');
    return [{ what: kind, where, unlocks: unlocked(UNLOCKED_BY[kind]) }];
  });
}

function operationText({ candidate, answer }: KeptOperation): string {
  const { config, label } = candidate;
  const details = [
    ...(answer === null ? [] : [`${answer.status}, ${formatMs(answer.tookMs)}`]),
    ...(config.id === undefined ? [] : [`id ${config.id}`]),
    ...(config.done === undefined ? [] : [`done by GET ${pathIn(config.done)}`]),
  ];
  return details.length === 0 ? label : `${label} (${details.join(', ')})`;
}

function healthText(health: EndpointConfig, { discovery }: FoundOut): string {
  const path = typeof health === 'string' ? health : health.path;
  const why = {
    given: '',
    usual: '',
    cheapest: ': no usual path is there, and this read was answered first',
    root: `: no usual path is there, and / answers ${typeof health === 'string' ? 200 : health.good}`,
  };
  return `GET ${path}${discovery.healthFrom === null ? '' : why[discovery.healthFrom]}`;
}

function modelRows(
  { target, calibration }: FoundOut,
  { models }: ServerSettings,
  unlocked: (needs: readonly Need[]) => string,
): FoundRow[] {
  const elsewhere = models.elsewhere.map(({ name, to, link }) => ({
    what: 'model',
    where: `${name} leads to ${to}, and stays: the scripted model needs --env '${name}=${link}'`,
    unlocks: '-',
  }));
  if (target.upstreams.llm === undefined) return elsewhere;
  const callers = calibration.operations.filter(({ uses }) => uses.includes('llm'));
  const isCalled = calibration.called.has('llm');
  const by = callers.length > 0 ? ` by ${callers.map(({ name }) => name).join(', ')}` : '';
  const where = isCalled
    ? `the scripted model was called${by}`
    : 'the scripted model was never called, though the variables of its clients are set';
  return [{ what: 'model', where, unlocks: unlocked(['chat', 'embeddings']) }, ...elsewhere];
}

function upstreamRows(
  { upstreams = {} }: TargetConfig,
  { calibration }: FoundOut,
  unlocked: (needs: readonly Need[]) => string,
): FoundRow[] {
  return Object.entries(upstreams).flatMap(([name, upstream]) => {
    if (!('at' in upstream)) return [];
    const isCalled = calibration.called.has(name);
    const where = `${name} at ${upstream.at}, ${isCalled ? 'called' : 'not seen to be called'}`;
    return [{ what: 'upstream', where, unlocks: unlocked(['upstream']) }];
  });
}

function progressText({ progress }: TargetConfig): string {
  if (progress === undefined || typeof progress === 'function' || !('get' in progress)) return '';
  return `GET ${progress.get} (${progress.open} open, ${progress.done} done)`;
}

/** What is not offered, by how many scenarios need it: the first of these is worth declaring. */
export function missingNeeds(
  { target }: Pick<FoundOut, 'target'>,
  scenarios: readonly Scenario[],
): { need: string; scenarios: number }[] {
  const missing = new Map<Need, number>();
  for (const { needs } of scenarios) {
    for (const need of needs) {
      if (!target.offers.has(need)) missing.set(need, (missing.get(need) ?? 0) + 1);
    }
  }
  return [...missing]
    .toSorted(([, a], [, b]) => b - a)
    .map(([need, count]) => ({
      need: target.withheld?.get(need) ?? NEEDS[need],
      scenarios: count,
    }));
}
