/** `tasks-back`: tasks inside the process (asyncio tasks, goroutines) have ended, where something counts them. */
import type { Check } from '../check.ts';
import { countBack } from './count-back.ts';

export function tasksBack(): Check {
  return countBack({
    name: 'tasks-back',
    unit: 'tasks',
    needs: ['tasks'],
    in: { tasks: ({ count }) => count },
  });
}
