const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DATE = /^([A-Z][a-z]{2}) +(\d{1,2}) (\d{2}):(\d{2}):(\d{2}) (\d{4}) GMT$/;

/** `Nov  5 18:44:29 2024 GMT`, as OpenSSL prints dates, in epoch milliseconds; undefined for anything else. */
export function parseOpenSslDate(text: string): number | undefined {
  const [, monthName, day, hour, minute, second, year] = DATE.exec(text.trim()) ?? [];
  const month = MONTHS.indexOf(monthName ?? '');
  if (month < 0) return undefined;
  const pad = (value: string | undefined) => (value ?? '').padStart(2, '0');
  const at = Date.parse(`${year}-${pad(`${month + 1}`)}-${pad(day)}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(at) ? undefined : at;
}
