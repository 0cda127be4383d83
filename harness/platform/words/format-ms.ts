/** `ms` for a person: `840 ms`, `4.2 s`, `3 min 20 s`. Also part of the script in `report.html`. */
export function formatMs(ms: number): string {
  const whole = Math.round(ms);
  if (whole < 1000) return `${ms < 10 ? Number(ms.toFixed(1)) : whole} ms`;
  if (whole < 120_000) return `${Number((ms / 1000).toFixed(1))} s`;
  // Rounded before it is divided: there are no 60 seconds in a minute.
  const totalSeconds = Math.round(ms / 1000);
  const seconds = totalSeconds % 60;
  const minutes = (totalSeconds - seconds) / 60;
  return seconds === 0 ? `${minutes} min` : `${minutes} min ${seconds} s`;
}
