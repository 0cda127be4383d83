/** The reported hangs that `hanglab repro` tells. */
import type { Story } from '../../harness/matrix/story.ts';
import { agentZero1484 } from './agent-zero-1484.ts';
import { everos316 } from './everos-316.ts';
import { hermes10324 } from './hermes-10324.ts';
import { piWeb24 } from './pi-web-24.ts';

export const STORIES: readonly Story[] = [everos316, hermes10324, piWeb24, agentZero1484];
