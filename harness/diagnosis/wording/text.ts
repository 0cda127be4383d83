/**
 * Names of files and commands as a report may tell them. Reports are passed on: what looks secret, whose
 * home folder it is and what a URL asks for do not show. Pure. It cannot know every program's options
 * (`-pSECRET`), so callers also cut what they tell short.
 */
import { toldPath } from '../../platform/display-path.ts';

const NOT_SHOWN = '(not shown)';
const SECRET = '(?:pass|secret|token|api[_-]?key|access[_-]?key|auth|cookie|credential|private)';
const VALUE = `(?:"[^"]*"|'[^']*'|(?:Bearer |Basic )?\\S+)`;

const HIDDEN: [RegExp, string][] = [
  // scheme://user:password@host/path?query#fragment
  [/\b([a-z][a-z\d+.-]*:\/\/)[^\s/?#@]*@/gi, '$1'],
  [/\b([a-z][a-z\d+.-]*:\/\/[^\s?#"']*)[?#][^\s"']*/gi, `$1?${NOT_SHOWN}`],
  [new RegExp(`([\\w.-]*${SECRET}[\\w.-]*\\s*[=:]\\s*)${VALUE}`, 'gi'), `$1${NOT_SHOWN}`],
  [new RegExp(`(--?[\\w-]*${SECRET}[\\w-]*\\s+)(?!-)${VALUE}`, 'gi'), `$1${NOT_SHOWN}`],
  [/(\s(?:-u|--user)[\s=])\S+:\S+/g, `$1${NOT_SHOWN}`],
  [/\b(?:sk-|ghp_|github_pat_|xox[abp]-|AKIA|eyJ)[\w.-]{6,}/g, NOT_SHOWN],
  [/\b(Bearer|Basic) \S+/g, `$1 ${NOT_SHOWN}`],
  // Whose home it is says who somebody is, and nothing of the hang.
  [/(^|[\s=:'"])\/(?:home|Users)\/[^/\s]+(?=\/|\s|$)/g, '$1~'],
  [/(^|[\s=:'"])\/root(?=\/|\s|$)/g, '$1~'],
];

export function withoutSecrets(text: string): string {
  const shown = HIDDEN.reduce((told, [pattern, by]) => told.replace(pattern, by), text);
  // A file may be called anything, and a terminal obeys control characters.
  return shown.replace(/[\u0000-\u001f\u007f-\u009f]/g, '?');
}

/**
 * An open file's path: relative to the process's own working directory when it lies below that, else to
 * hanglab's; homes of people as `~`.
 */
export function toldFile(path: string, workingDirectory: string): string {
  const isBelow = workingDirectory.length > 1 && path.startsWith(`${workingDirectory}/`);
  return withoutSecrets(isBelow ? path.slice(workingDirectory.length + 1) : toldPath(path));
}

/** At most `most` characters, cut in the middle: both ends of a path say more than what lies between. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const tail = Math.floor((most - 1) / 2);
  return `${text.slice(0, most - 1 - tail)}…${text.slice(-tail)}`;
}

const MAX_PARTS = 4;
const MAX_CHARACTERS = 400;

/** The first few that fit into a line, the very first in any case, and how many more there are. */
export function someOf(parts: readonly string[], separator = '; '): string {
  let length = 0;
  const fitting = parts.filter((part, i) => {
    length += part.length + separator.length;
    return i === 0 || (i < MAX_PARTS && length <= MAX_CHARACTERS);
  });
  const left = parts.length - fitting.length;
  return [...fitting, ...(left > 0 ? [`and ${left} more`] : [])].join(separator);
}
