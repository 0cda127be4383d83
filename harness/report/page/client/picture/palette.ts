/** The colours of the style sheet, for what is drawn on a canvas. */

export interface Palette {
  background: string;
  text: string;
  muted: string;
  line: string;
  ok: string;
  slow: string;
  bad: string;
  badSoft: string;
  failed: string;
  left: string;
  good: string;
  fault: string;
  faultSoft: string;
  excluded: string;
  diagnosis: string;
  phase: string;
  phaseAlt: string;
  series: string[];
}

let palette: Palette | null = null;

export function currentPalette(): Palette {
  palette ??= readPalette();
  return palette;
}

/** After the colours of the page have changed. */
export function forgetPalette(): void {
  palette = null;
}

function readPalette(): Palette {
  // A canvas knows no variables, and no colours that depend on the theme: an element resolves them.
  const probe = document.body.appendChild(document.createElement('span'));
  const color = (name: string): string => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const read = {
    background: color('background'),
    text: color('text'),
    muted: color('muted'),
    line: color('line'),
    ok: color('bar-ok'),
    slow: color('bar-slow'),
    bad: color('bad'),
    badSoft: color('bad-soft'),
    failed: color('bar-failed'),
    left: color('bar-left'),
    good: color('good'),
    fault: color('fault'),
    faultSoft: color('fault-soft'),
    excluded: color('excluded'),
    diagnosis: color('diagnosis'),
    phase: color('phase'),
    phaseAlt: color('phase-alt'),
    series: [1, 2, 3, 4, 5, 6].map((number) => color(`series-${number}`)),
  };
  probe.remove();
  return read;
}
