/** Facts with the files of their stacks as a report shows them: relative to a folder, each field by itself. */
import { displayPath } from '../../platform/display-path.ts';
import type { Frame } from '../diagnosis.ts';
import type { Facts, ProcessFacts } from './facts.ts';

export function displayedFrom(facts: Facts, folder: string): Facts {
  const frame = (each: Frame): Frame => ({ ...each, file: displayPath(each.file, folder) });
  return { ...facts, processes: facts.processes.map((process) => displayed(process, frame)) };
}

function displayed(process: ProcessFacts, frame: (each: Frame) => Frame): ProcessFacts {
  const { awaits, javascript, pythonTasks, pythonThreads, goroutines, javaThreads } = process;
  const stack = <T extends { frames: readonly Frame[] }>(each: T): T => ({
    ...each,
    frames: each.frames.map(frame),
  });
  const holding = <T extends { frames: readonly Frame[]; holds: readonly { frame: Frame }[] }>(
    each: T,
  ): T => ({
    ...stack(each),
    holds: each.holds.map((held) => ({ ...held, frame: frame(held.frame) })),
  });
  return {
    ...process,
    ...(awaits?.refused === null && {
      awaits: {
        ...awaits,
        functions: awaits.functions.map((each) => ({ ...each, frame: frame(each.frame) })),
      },
    }),
    ...(javascript?.refused === null && {
      javascript: { ...javascript, frames: javascript.frames?.map(frame) ?? null },
    }),
    ...(pythonTasks && {
      pythonTasks: {
        ...pythonTasks,
        looks: pythonTasks.looks.map((look) =>
          'error' in look
            ? look
            : {
                ...look,
                tasks: look.tasks.map(holding),
                ...(look.threads && { threads: look.threads.map(holding) }),
              },
        ),
      },
    }),
    ...(pythonThreads && {
      pythonThreads: { ...pythonThreads, threads: pythonThreads.threads.map(stack) },
    }),
    ...(goroutines && {
      goroutines: { ...goroutines, goroutines: goroutines.goroutines.map(stack) },
    }),
    ...(javaThreads && {
      javaThreads: { ...javaThreads, threads: javaThreads.threads.map(stack) },
    }),
  };
}
