/** What the pages of all results have. Read by both sides, as `page-data.ts` is. */

/** `running`: the run goes on. `none`: it ended without a verdict. */
export type PageVerdict = 'pass' | 'fail' | 'inconclusive' | 'running' | 'none';

export interface PageBase {
  schema: 'hanglab.page/1';
  /** For the title of the window. */
  title: string;
  /** The version of hanglab that wrote the page. */
  hanglab: string;
  /** ISO 8601. */
  writtenAt: string;
}
