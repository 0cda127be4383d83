/**
 * Makes one script of the modules in `client/`. Types are stripped by Node; each module becomes a function
 * that gets what it imports and returns what it exports, and stands after those that it imports. So the
 * page needs no bundler, and a checkout no build step.
 *
 * What a module may use is little: named imports of local modules, and `export` in front of a declaration
 * that is never assigned again. Anything else is an error, and so are modules that import each other.
 */
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';
import { type Node, parse, tokenizer, tokTypes } from 'acorn';

const SYNTAX = { ecmaVersion: 'latest', sourceType: 'module' } as const;

interface Linked {
  /** The constant that holds its exports. */
  name: string;
  text: string;
}

/** The script that begins with the module `entry`. @throws an Error with the file for what it cannot link. */
export function linkModules(entry: URL): string {
  const linked = new Map<string, Linked>();
  const underway = new Set<string>();
  const visit = (url: URL): string => {
    const known = linked.get(url.href);
    if (known) return known.name;
    if (underway.has(url.href)) throw new Error(`${fileURLToPath(url)} imports itself, by others`);
    underway.add(url.href);
    const text = moduleText(url, (path) => visit(new URL(path, url)));
    const name = `module${linked.size + 1}`;
    linked.set(url.href, { name, text });
    return name;
  };
  visit(entry);
  const parts = [...linked.values()].map(({ name, text }) => `const ${name} = ${text};`);
  return `(() => {'use strict';\n${withoutBlanks(parts.join('\n'))}\n})();`;
}

/** The module as a call that returns its exports. @param link gives the constant of an imported module. */
function moduleText(url: URL, link: (path: string) => string): string {
  const source = readFileSync(url, 'utf8');
  const text = url.href.endsWith('.ts') ? stripTypeScriptTypes(source) : source;
  const refuse = (what: string): never => {
    throw new Error(`${fileURLToPath(url)}: the page's script cannot use ${what}`);
  };
  const cuts: [from: number, to: number, by: string][] = [];
  const exported: string[] = [];
  for (const node of parse(text, SYNTAX).body) {
    const own = text.slice(node.start, node.end);
    if (node.type === 'ImportDeclaration') {
      const from = String(node.source.value);
      if (!from.startsWith('.')) refuse(`the package ${from}`);
      const names = node.specifiers.map((specifier) => {
        if (specifier.type !== 'ImportSpecifier') return refuse(`"${own}"`);
        const imported = text.slice(specifier.imported.start, specifier.imported.end);
        return `${imported}: ${specifier.local.name}`;
      });
      cuts.push([node.start, node.end, `const { ${names.join(', ')} } = ${link(from)};`]);
    } else if (node.type === 'ExportNamedDeclaration' && node.declaration) {
      const declaration = node.declaration;
      cuts.push([node.start, (declaration as Node).start, '']);
      if (declaration.type !== 'VariableDeclaration') exported.push(declaration.id.name);
      else if (declaration.kind !== 'const') refuse(`"export ${declaration.kind}"`);
      else exported.push(...declaration.declarations.map(({ id }) => text.slice(id.start, id.end)));
    } else if (node.type.startsWith('Export')) {
      refuse(`"${own}"`);
    }
  }
  const body = cuts.reduceRight(
    (rest, [from, to, by]) => rest.slice(0, from) + by + rest.slice(to),
    text,
  );
  return `(() => {\n${body}\nreturn { ${exported.join(', ')} };\n})()`;
}

/** Without comments and indentation: between two tokens stays one blank or one line end, or nothing. */
function withoutBlanks(text: string): string {
  let result = '';
  let lastEnd = 0;
  for (const { start, end, type } of tokenizer(text, SYNTAX)) {
    const between = text.slice(lastEnd, start);
    // The end of a line may be the end of a statement; within a template every blank counts.
    if (type !== tokTypes.template && between !== '') result += between.includes('\n') ? '\n' : ' ';
    result += text.slice(start, end);
    lastEnd = end;
  }
  return result;
}
