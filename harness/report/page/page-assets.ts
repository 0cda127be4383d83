/**
 * The script and the style of every page. In a checkout they are made from `client/` as it is; the package
 * has them made beforehand (`build-assets.ts`).
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { linkModules } from './link-modules.ts';

export interface PageAssets {
  script: string;
  style: string;
}

export const BUILT_ASSETS = 'page-assets.json';

const STYLES = ['colors', 'page', 'sections', 'picture'];

let assets: PageAssets | null = null;

export function pageAssets(): PageAssets {
  const built = new URL(BUILT_ASSETS, import.meta.url);
  assets ??= existsSync(built)
    ? (JSON.parse(readFileSync(built, 'utf8')) as PageAssets)
    : makeAssets();
  return assets;
}

/** uPlot draws the charts; its licence asks for its notice in every copy. */
export function makeAssets(): PageAssets {
  const uplot = dirname(createRequire(import.meta.url).resolve('uplot/package.json'));
  const read = (...path: string[]): string => readFileSync(join(uplot, ...path), 'utf8').trim();
  const own = STYLES.map((name) =>
    readFileSync(new URL(`client/style/${name}.css`, import.meta.url), 'utf8'),
  );
  const notice = `/*! uPlot\n${read('LICENSE').replaceAll('*/', '')}\n*/`;
  return {
    script: [
      notice,
      read('dist', 'uPlot.iife.min.js'),
      linkModules(new URL('client/main.ts', import.meta.url)),
    ].join('\n'),
    style: `${read('dist', 'uPlot.min.css')}\n${withoutComments(own.join('\n'))}`,
  };
}

function withoutComments(css: string): string {
  return css.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/\n\s*/g, '\n');
}
