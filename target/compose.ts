/** Composes the parts: each is built once, on first use. */
import type { Config } from './config/schema.ts';
import type { Factories, Parts } from './parts.ts';

/** The parts of a server with `config`, built by `factories`. */
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

/** `parts` with `changes`, visible to one factory only. */
export function having(parts: Parts, changes: Partial<Parts>): Parts {
  return Object.create(parts, Object.getOwnPropertyDescriptors(changes));
}
