/**
 * The one filter for what is written down about a target: commands, file names, log lines, values of variables.
 * Reports are passed on, so what looks secret, whose home folder it is and what a URL asks for are left
 * out. Pure. It cannot know every program's options (`-pSECRET`), so callers also cut what they show short.
 */

export const NOT_SHOWN = '(not shown)';
/** Words of names, not of sentences: `the limit has passed: ...` and `authors: ...` hide nothing. */
const SECRET =
  '(?:pass(?:word|wd|phrase|code)?(?![a-z])|secret|token|api[_-]?key|access[_-]?key|auth(?:orization|key)?(?![a-z])|cookie|credential|private|signature)';
const VALUE = `(?:\\(not shown\\)|"[^"]*"|'[^']*'|(?:Bearer |Basic )?\\S+)`;

const HIDDEN: [RegExp, string][] = [
  // scheme://user:password@host/path?query#fragment
  [/\b([a-z][a-z\d+.-]*:\/\/)[^\s/?#@]*@/gi, '$1'],
  [/\b([a-z][a-z\d+.-]*:\/\/[^\s?#"']*)[?#](?:\(not shown\)|[^\s"']*)/gi, `$1?${NOT_SHOWN}`],
  [new RegExp(`([\\w.-]*${SECRET}[\\w.-]*["']?\\s*=\\s*)${VALUE}`, 'gi'), `$1${NOT_SHOWN}`],
  // In a sentence a colon follows a plural: `holds tokens: whoever had it has ended`.
  [new RegExp(`([\\w.-]*${SECRET}[\\w.-]*(?<!s)["']?\\s*:\\s*)${VALUE}`, 'gi'), `$1${NOT_SHOWN}`],
  [new RegExp(`(--?[\\w-]*${SECRET}[\\w-]*\\s+)(?!-)${VALUE}`, 'gi'), `$1${NOT_SHOWN}`],
  [
    /([?&][\w-]*(?:token|key|secret|pass|sig|auth)[\w-]*=)(?:\(not shown\)|[^&\s"']*)/gi,
    `$1${NOT_SHOWN}`,
  ],
  [/(\s(?:-u|--user)[\s=])\S+:\S+/g, `$1${NOT_SHOWN}`],
  // OpenAI and Anthropic, GitHub, Slack, AWS, Google, GitLab, npm, and JSON Web Tokens.
  [
    /\b(?:sk-|gh[pousr]_|github_pat_|xox[abprs]-|AKIA|ASIA|AIza|glpat-|npm_|eyJ)[\w.-]{6,}/g,
    NOT_SHOWN,
  ],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, NOT_SHOWN],
  [/\b(Bearer|Basic) (?!\(not shown\))\S+/g, `$1 ${NOT_SHOWN}`],
];

const HOMES: [RegExp, string][] = [
  // Whose home it is says who somebody is, and nothing of the hang.
  [/(^|[\s=:'"(])\/(?:home|Users)\/[^/\s]+(?=\/|\s|$)/g, '$1~'],
  [/(^|[\s=:'"(])\/root(?=\/|\s|$)/g, '$1~'],
];

const SECRET_NAME = new RegExp(SECRET, 'i');

/** A text as a report may show it, on one line: secrets and homes left out, control characters as `?`. */
export function redact(text: string): string {
  return withoutControls(withoutHomes(withoutSecrets(text)));
}

/** The same for a variable or field whose name is known: `password` says what its value is. */
export function redactValue(name: string, value: string): string {
  return SECRET_NAME.test(name) ? NOT_SHOWN : redact(value);
}

/** Every text of a JSON value, names of fields too (a record may be keyed by paths or commands). */
export function redactWithin<T>(value: T): T {
  const walk = (each: unknown): unknown => {
    if (typeof each === 'string') return redact(each);
    if (Array.isArray(each)) return each.map(walk);
    if (each === null || typeof each !== 'object') return each;
    return Object.fromEntries(Object.entries(each).map(([key, at]) => [redact(key), walk(at)]));
  };
  return walk(value) as T;
}

function withoutSecrets(text: string): string {
  return HIDDEN.reduce((shown, [pattern, by]) => shown.replace(pattern, by), text);
}

function withoutHomes(text: string): string {
  return HOMES.reduce((shown, [pattern, by]) => shown.replace(pattern, by), text);
}

/**
 * A file may be called anything, and a terminal obeys control characters; those that turn the direction of
 * writing show a name as another one.
 */
export function withoutControls(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    '?',
  );
}
