const MOST = 200;

/** The alerts in `show startup-logs`, in order, without their process ids. */
export function parseAlerts(text: string): readonly string[] {
  const alerts: string[] = [];
  for (const line of text.split('\n')) {
    const [, alert] = /^\[ALERT\] +\(\d{1,10}\) : (.*)$/.exec(line) ?? [];
    if (alert !== undefined && alerts.length < MOST) alerts.push(alert.slice(0, 1_000));
  }
  return alerts;
}
