/** The lines for a shell that make a server use the links. What may be secret in its variables is not printed. */
import type { LinksDescription } from '../../environment/borrow-links.ts';
import { fill } from '../../target/config/template.ts';
import { type GivenUpstream, overLinks } from '../try/upstream-option.ts';

/**
 * @param models variables of the model's clients, `${llm}` standing for its link.
 * @param environment of the server, as far as it is known here.
 */
export function environmentLines(
  { links }: LinksDescription,
  models: Readonly<Record<string, string>>,
  given: readonly GivenUpstream[],
  environment: Readonly<Record<string, string | undefined>>,
): string[] {
  const addresses = Object.fromEntries(
    Object.entries(links).map(([name, { port, kind }]) => [
      name,
      kind === 'model' ? `http://127.0.0.1:${port}` : `127.0.0.1:${port}`,
    ]),
  );
  const changed = overLinks(given, environment).map(({ variable, value, from, to }) =>
    from === null
      ? `export ${variable}=${fill(value, addresses)}`
      : // All the rest of it, a password perhaps, stays where it is.
        `export ${variable}="\${${variable}/${from.replaceAll('/', '\\/')}/${fill(to, addresses)}}"`,
  );
  const printed = new Set(overLinks(given, environment).map(({ to }) => to));
  const others = given
    .filter(({ name }) => !printed.has(`\${${name}}`))
    .map(({ name, at }) => `# ${name}: ${addresses[name]} in place of ${at}`);
  return [
    ...Object.entries(models).map(([name, value]) => `export ${name}=${fill(value, addresses)}`),
    ...changed,
    ...others,
  ];
}
