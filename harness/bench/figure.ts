/** One measured figure beside what it should be. */
export interface Figure {
  name: string;
  value: number;
  unit: string;
  /** At most this. */
  goal: number;
}
