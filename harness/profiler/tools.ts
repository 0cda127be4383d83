/** The tools of NodeClinic, by the names that its command line has for them. */

export const TOOLS = ['doctor', 'bubbleprof', 'flame', 'heapprofiler'] as const;
export type Tool = (typeof TOOLS)[number];

/** What each shows, for a person who has to choose. */
export const TOOL_SHOWS: Readonly<Record<Tool, string>> = {
  doctor:
    'processor, memory, event loop delay and handles over time, and what kind of trouble that is',
  bubbleprof: 'between which asynchronous operations the time goes',
  flame: 'in which functions the processor time goes',
  heapprofiler: 'which functions allocate the memory',
};
