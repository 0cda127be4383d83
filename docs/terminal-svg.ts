/**
 * Draws what a terminal showed as an SVG: standard input -> standard output. So the README's picture is made:
 *
 *   COMMAND='npx hanglab run upload-burst --defect cascade-takes-engine-permit --seed 316'
 *   script -qec "$COMMAND" /dev/null | node docs/terminal-svg.ts "$COMMAND" > docs/caught-hang.svg
 */
import { text } from 'node:stream/consumers';

interface Cell {
  character: string;
  color: string | null;
  bold: boolean;
}

const COLUMNS = 112;
const CELL = { width: 8.4, height: 20 };
const MARGIN = 18;
/** Room for the three dots. */
const BAR_HEIGHT = 24;
const ESCAPE = '\u001b';
const COLORS: Record<string, string | null> = {
  '31': '#ff7b72',
  '32': '#7ee787',
  '33': '#e3b341',
  '36': '#79c0ff',
  '39': null,
  '90': '#8b949e',
};

/** The lines that are left on the screen at the end; of the live block only its erasing is. */
function linesOf(said: string): string[] {
  const escapes = new RegExp(`${ESCAPE}\\[(\\?25[lh]|\\d*[A-HJKST])`, 'g');
  return said.replaceAll(escapes, '').replaceAll('\r', '').trimEnd().split('\n');
}

function cellsOf(line: string): Cell[] {
  let color: string | null = null;
  let bold = false;
  return line.split(new RegExp(`(${ESCAPE}\\[\\d+m)`)).flatMap((part) => {
    const code = part.startsWith(ESCAPE) ? part.slice(2, -1) : null;
    if (code === null) return [...part].map((character) => ({ character, color, bold }));
    if (code === '1' || code === '22') bold = code === '1';
    else color = COLORS[code] ?? null;
    return [];
  });
}

/** Rows of at most `COLUMNS`; what does not fit goes on below, a little further in. */
function wrapped(cells: Cell[]): Cell[][] {
  const written = cells.map(({ character }) => character).join('');
  const indent = written.length - written.trimStart().length + 2;
  const rows: Cell[][] = [];
  let rest = cells;
  while (rest.length > COLUMNS) {
    const space = rest.slice(0, COLUMNS).findLastIndex(({ character }) => character === ' ');
    const at = space > indent ? space : COLUMNS;
    rows.push(rest.slice(0, at));
    const blank = { character: ' ', color: null, bold: false };
    rest = [...Array<Cell>(indent).fill(blank), ...rest.slice(space > indent ? at + 1 : at)];
  }
  return [...rows, rest];
}

/** One element for each stretch of one look, set to its exact width whatever the reader's font. */
function drawn(row: Cell[], y: number): string[] {
  const parts: string[] = [];
  for (let from = 0, to = 0; from < row.length; from = to) {
    const { color, bold } = row[from] as Cell;
    while (row[to]?.color === color && row[to]?.bold === bold) to++;
    const said = row.slice(from, to).map(({ character }) => character);
    const lead = said.findIndex((character) => character !== ' ');
    if (lead < 0) continue;
    const words = said.join('').trim();
    const look = `${color ? ` fill="${color}"` : ''}${bold ? ' font-weight="bold"' : ''}`;
    const x = (MARGIN + (from + lead) * CELL.width).toFixed(1);
    const width = ([...words].length * CELL.width).toFixed(1);
    parts.push(`<text x="${x}" y="${y}" textLength="${width}"${look}>${escaped(words)}</text>`);
  }
  return parts;
}

const escaped = (words: string): string =>
  words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

const command = process.argv[2] ?? '';
const prompt = `${ESCAPE}[32m$${ESCAPE}[39m ${ESCAPE}[1m${command}${ESCAPE}[22m`;
const rows = [prompt, ...linesOf(await text(process.stdin))].flatMap((line) =>
  wrapped(cellsOf(line)),
);
const width = Math.round(COLUMNS * CELL.width + 2 * MARGIN);
const height = rows.length * CELL.height + 2 * MARGIN + BAR_HEIGHT;
const dots = ['#ff5f56', '#ffbd2e', '#27c93f'].map(
  (fill, i) => `<circle cx="${22 + 20 * i}" cy="20" r="6" fill="${fill}"/>`,
);
const svg = [
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
  `<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>`,
  ...dots,
  `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" fill="#c9d1d9" xml:space="preserve">`,
  ...rows.flatMap((row, i) => drawn(row, MARGIN + BAR_HEIGHT + (i + 0.7) * CELL.height)),
  '</g>',
  '</svg>',
];
process.stdout.write(`${svg.join('\n')}\n`);
