/** The tools that the model may call. Only complete calls arrive here: see reply.ts. */

import { z } from 'zod';
import type { Scope } from '../scope.ts';
import type { Search } from '../search.ts';
import type { ToolCall } from '../sessions/entries.ts';
import type { Sessions } from '../sessions/sessions.ts';

export const TOOL_NAMES = ['add_note', 'search_documents'] as const;
export type ToolName = (typeof TOOL_NAMES)[number];

export interface ToolDefinition {
  name: ToolName;
  description: string;
  /** JSON schema. */
  parameters: object;
}

export interface Tools {
  definitions(names: readonly ToolName[]): ToolDefinition[];
  /** The result, as text for the model. A call that is invalid, or not `offered`, gets a text that says so. */
  run(
    call: ToolCall,
    offered: readonly ToolName[],
    sessionId: string,
    scope: Scope,
  ): Promise<string>;
}

const noteSchema = z.strictObject({ title: z.string().min(1), text: z.string().min(1) });
const searchSchema = z.strictObject({ query: z.string().min(1) });

const DEFINITIONS: Record<ToolName, ToolDefinition> = {
  add_note: {
    name: 'add_note',
    description: 'Stores a note in this session.',
    parameters: z.toJSONSchema(noteSchema),
  },
  search_documents: {
    name: 'search_documents',
    description: 'Finds the places in all documents that are nearest to the query.',
    parameters: z.toJSONSchema(searchSchema),
  },
};

const RESULTS = 5;

export function toolsOf({ sessions, search }: { sessions: Sessions; search: Search }): Tools {
  const runs: Record<ToolName, (given: unknown, id: string, scope: Scope) => Promise<string>> = {
    async add_note(given, id) {
      const { title, text } = noteSchema.parse(given);
      await sessions.append(id, [{ type: 'note', title, text, at: new Date().toISOString() }]);
      return 'The note is stored.';
    },
    async search_documents(given, _id, scope) {
      const found = await search(searchSchema.parse(given).query, RESULTS, scope);
      return JSON.stringify(found.map(({ title, topic, text }) => ({ title, topic, text })));
    },
  };
  return {
    definitions: (names) => names.map((name) => DEFINITIONS[name]),
    async run(call, offered, sessionId, scope) {
      const name = offered.find((known) => known === call.name);
      if (!name) return `There is no tool ${JSON.stringify(call.name)}.`;
      try {
        return await runs[name](JSON.parse(call.arguments), sessionId, scope);
      } catch (error) {
        if (error instanceof z.ZodError) return `Not carried out: ${z.prettifyError(error)}`;
        throw error;
      }
    },
  };
}
