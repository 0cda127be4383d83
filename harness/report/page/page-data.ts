/**
 * What a page shows, as plain data: the contract between hanglab, which derives it from a run's folder,
 * and the script in the page, which draws it. Nothing but such types is imported here, since both sides read it.
 *
 * Times are milliseconds since the run began. Every text is shown as text, whoever wrote it.
 */

import type { PageBase, PageVerdict } from './page-base.ts';
import type { ComparePage, MatrixPage, SoakPage } from './result-data.ts';
import type { Timeline } from './timeline-data.ts';

export type { PageVerdict } from './page-base.ts';

export type PageData = RunPage | SuitePage | MatrixPage | ComparePage | SoakPage;

/** One run. */
export interface RunPage extends PageBase {
  kind: 'run';
  scenario: string;
  target: string;
  variant: string | null;
  /** What the scenario asks for, in a sentence. */
  why: string;
  verdict: PageVerdict;
  /** What was found, in one sentence. */
  headline: string;
  /** What else was found, one sentence each. */
  details: string[];
  /** What usually helps; null when nothing failed. */
  helps: string | null;
  /** The command that runs it again. */
  repro: string;
  /** ISO 8601; null when it is not known. */
  startedAt: string | null;
  durationMs: number;
  limits: Fact[];
  findings: PageFinding[];
  diagnosis: PageDiagnosis | null;
  timeline: Timeline;
  /** What the process held in baseline and at the end. */
  changes: Changes | null;
  /** hanglab, the machine, the environment. */
  machine: Fact[];
  /** The end of what the target printed. */
  log: LogLine[];
  /** What is beside the page. */
  files: PageFile[];
}

export interface Fact {
  name: string;
  value: string;
}

export interface PageFinding {
  check: string;
  verdict: 'pass' | 'fail' | 'inconclusive' | 'not-reached';
  phase: string | null;
  message: string;
  measured: string;
  limit: string;
  /** How many times the limit was measured; null where one of them is missing. */
  ratio: number | null;
  /** Why the failure is accepted for now; null when it is not. */
  known: string | null;
  limitFrom: string | null;
  helps: string;
  /** Where to look in the picture. */
  fromMs: number | null;
  toMs: number | null;
}

export interface PagePlace {
  function: string;
  file: string;
  line: number;
  column: number;
}

/** A place where work stands still. */
export interface PageWait extends PagePlace {
  count: number;
  ageMs: number | null;
  waitsFor: string;
  chain: PagePlace[];
  locals: Fact[];
}

export interface PageDiagnosis {
  code: string;
  sentence: string;
  decided: boolean;
  pid: number;
  waits: PageWait[];
  holder: string | null;
  graph: Graph;
  excerpts: Excerpt[];
  evidence: string[];
  ruledOut: { code: string; because: string }[];
  frozenMs: number;
  totalMs: number;
}

/** Who waits for what, and who holds it. */
export interface Graph {
  nodes: GraphNode[];
  edges: GraphEdge[];
}

export interface GraphNode {
  id: string;
  kind: 'place' | 'resource' | 'holder';
  label: string;
  /** The place in the source, or a short remark. */
  detail: string;
}

export interface GraphEdge {
  from: string;
  to: string;
  label: string;
  /** Part of a cycle. */
  inCycle: boolean;
}

/** A few lines of source around a place. */
export interface Excerpt {
  function: string;
  file: string;
  /** The line that is marked, and the first of `lines`. */
  line: number;
  firstLine: number;
  lines: string[];
  /** Where in the marked line, from 1; 0: not known. Absent in folders of older versions. */
  column?: number;
}

export interface Changes {
  /** When the two samples were taken. */
  beforeMs: number;
  afterMs: number;
  /** Whether the second was taken after quiesce. */
  quiesced: boolean;
  rows: { what: string; name: string; before: number; after: number; unit: 'count' | 'bytes' }[];
  /** How many rows did not change, and are left out. */
  unchanged: number;
}

export interface LogLine {
  /** null: the line does not say when it was written. */
  t: number | null;
  text: string;
}

export interface PageFile {
  name: string;
  bytes: number;
  about: string;
}

/** Several runs of one invocation. */
export interface SuitePage extends PageBase {
  kind: 'suite';
  verdict: PageVerdict;
  startedAt: string | null;
  /** What differs from the baseline, a sentence each. */
  notes: string[];
  runs: SuiteEntry[];
}

export interface SuiteEntry {
  name: string;
  variant: string | null;
  verdict: PageVerdict | 'skipped';
  /** What was found, or why it was skipped. */
  headline: string;
  durationMs: number;
  /** The page of the run, relative to this one; null when there is none. */
  href: string | null;
  repro: string | null;
  /** Checks that failed or were inconclusive. */
  findings: PageFinding[];
  /** The whole page of a run that did not pass, as far as there is room. */
  page: RunPage | null;
}
