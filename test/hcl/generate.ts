import { Buffer } from 'node:buffer';
import fragments from './fragments.json' with { type: 'json' };
import type { Random } from './random.ts';

/** One configuration: well-formed more often than not, then perhaps mutated. */
export function generate(random: Random): Buffer {
  const text = random.chance(0.25) ? jsonText(random) : hclText(random);
  const lead = random.chance(0.03) ? random.pick(['\ufeff', '\u00a0', '\n', ' ', '\v', '\u2003']) : '';
  let bytes: Buffer = Buffer.from(lead + text, 'utf8');
  for (let left = random.chance(0.35) ? 1 + random.below(3) : 0; left > 0; left -= 1) bytes = mutate(bytes, random);
  return bytes;
}

function hclText(random: Random): string {
  let text = random.chance(0.1)
    ? random.pick(['# comment\n', '/* c\n */\n', '[health_checks]\n', '// c\n', '; c\n'])
    : '';
  for (let left = random.below(6); left >= 0; left -= 1) text += hclItem(random, 0) + random.pick(fragments.separators);
  return random.chance(0.1) ? text.trimEnd() : text;
}

function hclItem(random: Random, depth: number): string {
  const key = random.pick(fragments.keys);
  if (depth < 3 && (/^(health_checks|jwt_svids)$/.test(key) || random.chance(0.05))) {
    const label = random.chance(0.15) ? random.pick([' "x"', ' x', ' "bind_port"', ' "a" "b"', ' jwt_audience']) : '';
    if (key === 'jwt_svids' && random.chance(0.5)) return `${key} = ${hclList(random, depth)}`;
    return `${key}${label}${random.chance(0.2) ? ' =' : ''} ${hclBlock(random, depth)}`;
  }
  return `${key}${random.pick(random.chance(0.95) ? [' = ', '=', ' =\n'] : [': ', ' '])}${fitting(key, random, depth)}`;
}

function hclBlock(random: Random, depth: number): string {
  let text = '{';
  for (let left = random.below(4); left > 0; left -= 1)
    text += `${random.pick([' ', '\n'])}${hclItem(random, depth + 1)}`;
  return random.chance(0.03) ? text : `${text}${random.pick(['\n}', ' }', ',}', '}'])}`;
}

function hclList(random: Random, depth: number): string {
  const elements: string[] = [];
  for (let left = random.below(4); left > 0; left -= 1) {
    elements.push(random.chance(0.6) && depth < 3 ? hclBlock(random, depth) : anyValue(random, depth + 1));
  }
  return `[${elements.join(random.pick([', ', ',', ',\n', ' ', ',,']))}${random.pick(['', '', ',', ' # c\n'])}]`;
}

/** Mostly of the kind that the key wants. */
function fitting(key: string, random: Random, depth: number): string {
  if (random.chance(0.03)) return anyValue(random, depth);
  if (/enabled|daemon|omit|include|intermediates/.test(key))
    return fragments.booleans[random.below(random.chance(0.9) ? 4 : 9)] ?? '';
  if (/mode|port/.test(key))
    return fragments.numbers[random.below(random.chance(0.85) ? 4 : fragments.numbers.length)] ?? '';
  if (/extra/.test(key)) return hclList(random, 3);
  return fragments.strings[random.below(random.chance(0.85) ? 6 : fragments.strings.length)] ?? '';
}

function anyValue(random: Random, depth: number): string {
  if (depth < 3 && random.chance(0.2)) return random.chance(0.5) ? hclBlock(random, depth) : hclList(random, depth + 1);
  return random.pick([random.pick(fragments.strings), random.pick(fragments.numbers), random.pick(fragments.booleans)]);
}

function jsonText(random: Random): string {
  const text = jsonObject(random, 0);
  return text + random.pick(['', '\n', ' ', '}', ' x', ',']);
}

function jsonObject(random: Random, depth: number): string {
  const members: string[] = [];
  for (let left = random.below(5); left > 0; left -= 1) {
    const key = random.pick(fragments.keys).replaceAll('"', '');
    members.push(`"${key}"${random.pick([':', ': ', ' : ', ': ', ' "y": '])}${jsonValue(key, random, depth)}`);
  }
  return `{${members.join(random.pick([',', ', ', ',\n', ',', ' ']))}${random.pick(['', '', '', ',', '\n'])}}`;
}

function jsonValue(key: string, random: Random, depth: number): string {
  const nests = depth < 4 && (/^(health_checks|jwt_svids)$/.test(key) || random.chance(0.1));
  if (nests && random.chance(0.6)) return jsonObject(random, depth + 1);
  if (nests) {
    const elements = Array.from({ length: random.below(4) }, () =>
      random.chance(0.7) ? jsonObject(random, depth + 1) : jsonValue('x', random, 4),
    );
    return `[${elements.join(random.pick([',', ', ', ' ']))}]`;
  }
  if (random.chance(0.06))
    return random.pick(['null', '[]', '[[1]]', '[true, "a"]', '{}', '', '0', '00', 'nul', '["a"]']);
  return fitting(key, random, 4);
}

function mutate(bytes: Buffer, random: Random): Buffer {
  const at = random.below(bytes.length + 1);
  const end = Math.min(bytes.length, at + 1 + random.below(random.chance(0.8) ? 3 : 30));
  const head = bytes.subarray(0, at);
  switch (random.below(6)) {
    case 0:
      return Buffer.concat([head, bytes.subarray(end)]);
    case 1:
      return Buffer.concat([head, Buffer.from(random.pick(fragments.noise)), bytes.subarray(at)]);
    case 2:
      return Buffer.concat([head, Buffer.from(random.pick(fragments.noise)), bytes.subarray(end)]);
    case 3:
      return Buffer.concat([head, bytes.subarray(at, end), bytes.subarray(at)]);
    case 4:
      return Buffer.concat([head, Buffer.from([random.below(256)]), bytes.subarray(at)]);
    default:
      return head;
  }
}
