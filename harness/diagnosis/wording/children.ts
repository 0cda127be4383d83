/** Children in words: what they run, in which state, since when, and who has not reaped the dead. Pure. */
import type { Child } from '../facts/outside-facts.ts';
import { plural, seconds } from './numbers.ts';
import { shortened, someOf } from './text.ts';

const MAX_COMMAND_CHARACTERS = 60;

/** Most first: ``4 `worker.py` in state S, the oldest started 22.0 s ago``. */
export function childrenTexts(children: readonly Child[]): string[] {
  const kinds = [...Map.groupBy(children, ({ state, command }) => `${state} ${command}`).values()];
  return kinds
    .sort((a, b) => b.length - a.length)
    .map((each) => {
      const state = each[0]?.state;
      const zombie = each.length === 1 ? 'a zombie' : 'zombies';
      const how = state === 'Z' ? `${zombie} that it has not reaped` : `in state ${state}`;
      return `${each.length} ${commandText(each[0]?.command ?? '')} ${how}, ${since(each)}`;
    });
}

/**
 * The dead below a process, by the parent that has not asked how they ended:
 * ``3 zombies that process 123 has not reaped (3 `sh`), the oldest started 12.0 s ago``.
 */
export function unreapedTexts({
  pid,
  zombies,
  children,
}: {
  pid: number;
  zombies: readonly Child[];
  children: readonly Child[];
}): string[] {
  const commands = new Map(children.map((child) => [child.pid, child.command]));
  // Helpers of one kind all do alike: what they run tells them apart, and one pid is enough to look at.
  const kinds = Map.groupBy(zombies, ({ parent }) =>
    parent === pid ? null : (commands.get(parent) ?? ''),
  );
  return [...kinds].map(([command, dead]) => {
    const parents = new Set(dead.map(({ parent }) => parent)).size;
    const one = dead[0]?.parent;
    const whose =
      command === null
        ? `process ${pid} has`
        : parents === 1
          ? `process ${one} ${commandText(command)} below it has`
          : `${parents} processes ${commandText(command)} below it (${one} is one) have`;
    const names = [...Map.groupBy(dead, (zombie) => zombie.command)]
      .sort(([, a], [, b]) => b.length - a.length)
      .map(([name, each]) => `${each.length} ${commandText(name)}`);
    return `${plural(dead.length, 'zombie')} that ${whose} not reaped (${someOf(names, ', ')}), ${since(dead)}`;
  });
}

function commandText(command: string): string {
  return command ? `\`${shortened(command, MAX_COMMAND_CHARACTERS)}\`` : '(unknown)';
}

function since(children: readonly Child[]): string {
  const oldestMs = Math.max(...children.map(({ ageMs }) => ageMs));
  return `${children.length === 1 ? '' : 'the oldest '}started ${seconds(oldestMs)} ago`;
}
