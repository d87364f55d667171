/** A moment (epoch milliseconds) as `metav1.Time` is written: whole seconds, UTC. */
export function timestamp(at: number): string {
  return new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
