/** The reported hangs that `hanglab repro` tells. */
import type { Story } from '../../harness/matrix/story.ts';
import { everos316 } from './everos-316.ts';

export const STORIES: readonly Story[] = [everos316];
