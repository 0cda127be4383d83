/** A bounded number of places: when all are taken, entering is refused at once. */
import type { Refusal } from './refusal.ts';

export interface Places {
  /** A place, released by disposal. @throws Refusal when all are taken */
  enter(): Disposable;
  readonly taken: number;
}

export function places(limit: number, refusal: (limit: number) => Refusal): Places {
  let taken = 0;
  return {
    enter() {
      if (taken >= limit) throw refusal(limit);
      taken++;
      let held = true;
      return {
        [Symbol.dispose]() {
          if (held) taken--;
          held = false;
        },
      };
    },
    get taken() {
      return taken;
    },
  };
}
