/**
 * What a write promises: the id of its result, and how that result is read and deleted. Found by names, so each is
 * a guess and marked as one.
 */
import type { Candidate } from './offered.ts';

/** How one result of a write is reached, `${id}` standing for its id. */
export interface ItemPaths {
  /** As the document has it: `/documents/{document_id}`. */
  template: string;
  /** As the document calls the id: `document_id`; null when nothing does. */
  parameter: string | null;
  get: string | null;
  remove: string | null;
  /** The member of an answer with the state of the work. */
  state: StateField | null;
}

export interface StateField {
  path: string;
  done: readonly unknown[];
  failed: readonly unknown[];
}

/**
 * The write with the id of its result, and the delete that belongs to it.
 * @param idPath the path to the id in its answer: `$.id`.
 */
export function promised(write: Candidate, idPath: string, item: ItemPaths | null): Candidate[] {
  const { config, guesses, name } = write;
  const { headers } = config;
  const shared = headers === undefined ? {} : { headers: withoutType(headers) };
  const done =
    item?.get != null && item.state !== null
      ? {
          get: item.get,
          ...shared,
          until: { [item.state.path]: [...item.state.done] },
          ...(item.state.failed.length === 0
            ? {}
            : { failed: { [item.state.path]: [...item.state.failed] } }),
        }
      : null;
  const made: Candidate = {
    ...write,
    config: { ...config, id: idPath, ...(done ? { done } : {}) },
    guesses: [
      ...guesses,
      `the id of what it makes is ${idPath} of its answer`,
      ...(done ? [`its work is done when ${item!.state!.path} of ${item!.get} says so`] : []),
    ],
    ...(item === null ? {} : { item }),
  };
  if (item?.remove == null) return [made];
  const remove: Candidate = {
    name: `delete${capital(name.replace(/^(create|post|add|put|upload)/i, '') || name)}`,
    label: `DELETE ${item.template}`,
    config: { delete: item.remove, ...shared, deletes: name },
    guesses: [`it deletes what ${name} has made`],
    item,
  };
  return [made, remove];
}

function withoutType(headers: NonNullable<Candidate['config']['headers']>) {
  const plain = headers as Readonly<Record<string, string>>;
  return Object.fromEntries(
    Object.entries(plain).filter(([name]) => name.toLowerCase() !== 'content-type'),
  );
}

const capital = (word: string): string => word[0]!.toUpperCase() + word.slice(1);

const WRAPPERS = ['data', 'result', 'item'];

/** A path to the id among the members of an answer, by their names; null when it has none. */
export function idPathIn(
  members: readonly string[],
  parameter: string | null,
  membersOf: (name: string) => readonly string[],
): string | null {
  const name = idNameAmong(members, parameter);
  if (name !== null) return `$.${name}`;
  for (const wrapper of WRAPPERS.filter((each) => members.includes(each))) {
    const below = idNameAmong(membersOf(wrapper), parameter);
    if (below !== null) return `$.${wrapper}.${below}`;
  }
  return null;
}

function idNameAmong(names: readonly string[], parameter: string | null): string | null {
  const usable = names.filter((name) => /^[A-Za-z_]\w*$/.test(name));
  const wanted = [parameter, 'id', '_id', 'uuid', 'key'].filter((name) => name !== null);
  const exact = wanted.find((name) => usable.includes(name));
  if (exact !== undefined) return exact;
  const ending = usable.filter((name) => /(_id|Id|_uuid)$/.test(name));
  return ending.length === 1 ? (ending[0] as string) : null;
}

/** Values of a state that say that work has ended well, and that it has failed. */
const DONE = /^(done|completed?|finished|succeeded|success|indexed|processed|ready|available)$/i;
const FAILED = /^(failed|failure|errored|error|cancelled|canceled|aborted|rejected)$/i;
export const STATE_NAME = /^(status|state|phase|stage)$/i;

/** The states that end work, among all that a field may have; null when none plainly does. */
export function endingStates(values: readonly unknown[]): Omit<StateField, 'path'> | null {
  const matching = (pattern: RegExp): unknown[] =>
    values.filter((value) => typeof value === 'string' && pattern.test(value));
  const done = matching(DONE);
  return done.length === 0 ? null : { done, failed: matching(FAILED) };
}
