/** What a status says about a request. 101 is the success of a WebSocket. */
export function saysSuccess(status: number): boolean {
  return status === 101 || (status >= 200 && status < 300);
}
