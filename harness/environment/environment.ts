/** Everything that a run stands on, as loads, faults and probes see it. */
import type { Recorder } from '../history/recorder.ts';
import type { Link, Toxiproxy } from '../links/toxiproxy.ts';
import type { Rule, ScriptedModel } from '../llm/index.ts';
import type { Random } from '../platform/random.ts';
import type { Inputs } from '../requests/inputs.ts';
import type { OperationSet } from '../requests/operation-set.ts';
import type { Receipts } from '../requests/receipts.ts';
import type { Requests } from '../requests/requests.ts';
import type { Sender } from '../requests/sender.ts';
import type { RunningTarget, Target } from '../target/target.ts';
import type { Upstream } from '../target/upstreams.ts';
import type { TargetSlot } from './target-slot.ts';

/** The model's rules in force: each fault adds its own and takes only that away again. */
export interface ModelRules {
  add(rule: Rule): Promise<AsyncDisposable>;
}

export interface Environment extends AsyncDisposable {
  readonly toxiproxy: Toxiproxy;
  /** `front`, and one for each upstream, by its name. */
  readonly links: Readonly<Record<string, Link>>;
  readonly upstreams: Readonly<Record<string, Upstream>>;
  /** null where no upstream is a model. */
  readonly model: ScriptedModel | null;
  readonly modelRules: ModelRules;
  readonly declared: Target;
  /** The process that is in the target's place now. */
  readonly target: RunningTarget;
  readonly slot: TargetSlot;
  readonly requests: Requests;
  readonly sender: Sender;
  readonly receipts: Receipts;
  readonly operations: OperationSet;
  readonly inputs: Inputs;
  readonly random: Random;
  readonly scale: number;
  readonly recorder: Recorder;
  /** Pids of hanglab's own processes besides itself: their load is part of the experiment. */
  readonly companions: readonly number[];
}
