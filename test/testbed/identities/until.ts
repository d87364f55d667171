import { setTimeout as delay } from 'node:timers/promises';

const EVERY_MS = 100;

/** Looks again and again until something is there; rejects after so many seconds with what was waited for. */
export async function until<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
  seconds = 60,
): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`waited ${seconds} s in vain for this: ${what}`);
    await delay(EVERY_MS);
  }
}
