/** Puts the parts together: each is built once, when something first asks for it. */
import type { Config } from './config/schema.ts';
import type { Factories, Parts } from './parts.ts';

/** The parts of a server with `config`, out of `factories`. */
export function compose(config: Config, factories: Factories): Parts {
  const parts = {};
  const building: string[] = [];
  Object.defineProperty(parts, 'config', { value: config, enumerable: true });
  for (const [name, factory] of Object.entries(factories)) {
    Object.defineProperty(parts, name, {
      enumerable: true,
      configurable: true,
      get() {
        if (building.includes(name)) {
          throw new Error(`parts need each other: ${[...building, name].join(' -> ')}`);
        }
        building.push(name);
        const part = factory(parts as Parts);
        building.pop();
        Object.defineProperty(parts, name, { value: part, enumerable: true });
        return part;
      },
    });
  }
  return parts as Parts;
}

/** `parts` with some parts exchanged, for one factory to see; the others keep theirs. */
export function having(parts: Parts, changes: Partial<Parts>): Parts {
  return Object.create(parts, Object.getOwnPropertyDescriptors(changes));
}
