/**
 * Why gRPC does not take the address that spiffe-helper makes of `agent_address` by putting `unix://` before it;
 * undefined: it does. Nothing is dialled yet.
 */
export function addressError(agentAddress: string): string | undefined {
  if (agentAddress.startsWith('/')) return undefined;
  const authority = agentAddress.split('/')[0] ?? '';
  if (authority === '') return 'workload endpoint unix socket URI must include a path';
  return `failed to exit idle mode: invalid (non-empty) authority: ${authority}`;
}
