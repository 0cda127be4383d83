/** Receives the events of a turn. Sending never waits. */
export interface TurnOutput {
  send(event: string, data: object): void;
}
