/** A whole number on the command line. */

/** The number; what is wrong with `text` goes to `report`. */
export function parseInteger(
  flag: string,
  text: string,
  min: number,
  max: number,
  report: (problem: string) => void,
): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max) {
    report(`${flag} ${text}: expected a whole number from ${min} to ${max}`);
  }
  return value;
}
