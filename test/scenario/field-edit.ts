/** JSON that an edit may change in place. */
export type Editable = null | boolean | number | string | Editable[] | { [key: string]: Editable };
export interface EditableObject {
  [key: string]: Editable;
}

/** `spec.containers[2].image` and `data["helper.conf"]` as steps. Throws on anything else. */
export function parseField(path: string): readonly (string | number)[] {
  const steps: (string | number)[] = [];
  const step = /\.?([A-Za-z_$][\w/-]*)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/y;
  while (step.lastIndex < path.length) {
    const from = step.lastIndex;
    const match = step.exec(path);
    if (!match) throw new Error(`${JSON.stringify(path)} is not a field path (at ${from})`);
    const [, name, index, quoted] = match;
    steps.push(name ?? (index === undefined ? (JSON.parse(quoted ?? '""') as string) : Number(index)));
  }
  return steps;
}

export function readField(root: Editable, path: string): Editable | undefined {
  let here: Editable | undefined = root;
  for (const step of parseField(path)) here = child(here, step);
  return here;
}

/** Sets a field, making the objects on the way; undefined deletes it. */
export function writeField(root: EditableObject, path: string, value: Editable | undefined): void {
  const steps = parseField(path);
  const last = steps.at(-1);
  if (last === undefined) throw new Error('the empty path cannot be set');
  let here: Editable = root;
  for (const [at, step] of steps.slice(0, -1).entries()) {
    let next = child(here, step);
    if (next === undefined || next === null) {
      next = typeof steps[at + 1] === 'number' ? [] : {};
      put(here, step, next, path);
    }
    here = next;
  }
  put(here, last, value, path);
}

function child(value: Editable | undefined, step: string | number): Editable | undefined {
  if (Array.isArray(value)) return typeof step === 'number' ? value[step] : undefined;
  return typeof value === 'object' && value !== null && typeof step === 'string' ? value[step] : undefined;
}

function put(parent: Editable, step: string | number, value: Editable | undefined, path: string): void {
  if (Array.isArray(parent) && typeof step === 'number') {
    if (value === undefined) parent.splice(step, 1);
    else parent[step] = value;
  } else if (typeof parent === 'object' && parent !== null && !Array.isArray(parent) && typeof step === 'string') {
    if (value === undefined) delete parent[step];
    else parent[step] = value;
  } else throw new Error(`${path} leads through something that is no object or list`);
}
