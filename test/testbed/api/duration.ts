const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** Milliseconds in the short form of kubectl's AGE column: `90s`, `5m3s`, `3h20m`, `2d`. */
export function shortDuration(milliseconds: number): string {
  const whole = (unit: number) => Math.floor(milliseconds / unit);
  const pair = (unit: number, name: string, small: number, smallName: string) => {
    const rest = Math.floor((milliseconds % unit) / small);
    return `${whole(unit)}${name}${rest === 0 ? '' : `${rest}${smallName}`}`;
  };
  if (milliseconds < -SECOND) return '<invalid>';
  if (milliseconds < 0) return '0s';
  if (milliseconds < 2 * MINUTE) return `${whole(SECOND)}s`;
  if (milliseconds < 10 * MINUTE) return pair(MINUTE, 'm', SECOND, 's');
  if (milliseconds < 3 * HOUR) return `${whole(MINUTE)}m`;
  if (milliseconds < 8 * HOUR) return pair(HOUR, 'h', MINUTE, 'm');
  if (milliseconds < 2 * DAY) return `${whole(HOUR)}h`;
  if (milliseconds < 8 * DAY) return pair(DAY, 'd', HOUR, 'h');
  if (milliseconds < 2 * YEAR) return `${whole(DAY)}d`;
  if (milliseconds < 8 * YEAR) return pair(YEAR, 'y', DAY, 'd');
  return `${whole(YEAR)}y`;
}
