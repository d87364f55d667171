import { pid } from 'node:process';

/** Addresses of pods in 127.0.0.0/8: those of one process differ from those of another on the same machine. */
const NETWORK = `127.${20 + (pid % 200)}.${Math.floor(pid / 200) % 256}`;
const taken = new Set<number>();

/** The lowest that no pod of this process has. Throws when all are taken. */
export function takeAddress(): string {
  for (let host = 1; host < 255; host += 1) {
    if (taken.has(host)) continue;
    taken.add(host);
    return `${NETWORK}.${host}`;
  }
  throw new Error('more pods than addresses');
}

export function giveAddressBack(address: string): void {
  taken.delete(Number(address.slice(address.lastIndexOf('.') + 1)));
}
