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
