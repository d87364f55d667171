const FACTORS: Readonly<Record<string, number>> = {
  m: 0.001,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** A Kubernetes quantity (`100m`, `32Mi`, 2) in thousandths. Throws on what is none. */
export function parseQuantity(quantity: string): number {
  const [, digits = '', suffix = ''] = /^([0-9.]+)([a-zA-Z]*)$/.exec(quantity) ?? [];
  const factor = FACTORS[suffix];
  if (digits === '' || factor === undefined) throw new Error(`${JSON.stringify(quantity)} is no quantity`);
  return Math.round(Number(digits) * factor * 1000);
}

/** Thousandths as a quantity: memory in the largest binary unit that fits, everything else plain or in `m`. */
export function formatQuantity(thousandths: number, resource: string): string {
  if (thousandths % 1000 !== 0) return `${thousandths}m`;
  const whole = thousandths / 1000;
  if (/memory|storage/.test(resource) && whole > 0) {
    for (const unit of ['Gi', 'Mi', 'Ki'] as const) {
      const factor = FACTORS[unit] ?? 1;
      if (whole % factor === 0) return `${whole / factor}${unit}`;
    }
  }
  return String(whole);
}
