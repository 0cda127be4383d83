/** A scenario that is run once for each upstream of a target that it applies to, as `NAME@UPSTREAM`. */
import { upstream as faultsOf, type UpstreamFaults } from '../faults/index.ts';
import type { Upstream } from '../target/upstreams.ts';
import { type Scenario, type ScenarioSpec, scenario } from './scenario.ts';

export interface UpstreamScenario {
  appliesTo(upstream: Upstream): boolean;
  /** The scenario for the upstream of this name. */
  forUpstream(name: string): Scenario;
}

export interface EachUpstreamOptions {
  /** `http`: only to services that speak HTTP. All upstreams when not given. */
  only?: 'http';
}

/** Stands for the upstream where there is none: such a scenario is skipped. */
export const ANY_UPSTREAM = 'upstream';

/** @throws HanglabError `bad-scenario` with every problem at once. */
export function eachUpstream(
  make: (upstream: UpstreamFaults) => ScenarioSpec,
  { only }: EachUpstreamOptions = {},
): UpstreamScenario {
  const forUpstream = (name: string): Scenario =>
    scenario({ ...make(faultsOf(name)), upstream: name });
  // Tried at once: what is wrong is said where the file is read.
  forUpstream(ANY_UPSTREAM);
  return Object.freeze({
    forUpstream,
    appliesTo: (upstream: Upstream) =>
      only !== 'http' || (upstream.kind === 'service' && upstream.http),
  });
}

export function isForUpstreams(exported: unknown): exported is UpstreamScenario {
  return typeof (exported as UpstreamScenario | undefined)?.forUpstream === 'function';
}
