import type { Canvas } from '../report/layout.ts';
import type { Host } from './host.ts';

const DEFAULT_WIDTH = 80;
const NARROWEST = 40;
/** Prose in longer lines is hard to read. */
const WIDEST_PROSE = 120;

/** What the terminal behind stdout can show, and may be shown. */
export function canvasOf(host: Host, color: 'auto' | 'always' | 'never'): Canvas {
  const { env, stdout } = host;
  const dumb = env.TERM === 'dumb';
  const noColor = env.NO_COLOR !== undefined && env.NO_COLOR !== '';
  return {
    width: Math.min(WIDEST_PROSE, Math.max(NARROWEST, columnsAsked(env) ?? stdout.columns ?? DEFAULT_WIDTH)),
    color: color === 'always' || (color === 'auto' && stdout.isTTY && !dumb && !noColor),
    unicode: !dumb && showsUnicode(host),
  };
}

/** `COLUMNS` says how wide to write where there is no terminal to ask, and overrules one that there is. */
function columnsAsked({ COLUMNS = '' }: Host['env']): number | undefined {
  return /^[1-9]\d{0,4}$/.test(COLUMNS) ? Number(COLUMNS) : undefined;
}

function showsUnicode({ env, platform }: Host): boolean {
  if (platform === 'win32') return env.WT_SESSION !== undefined || env.TERM_PROGRAM !== undefined;
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find((value) => value !== undefined && value !== '');
  return /utf-?8/i.test(locale ?? '');
}
