import { accessSync, constants, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { root } from '../../krew/bundle.ts';
import { dig, listAt, objectAt, textAt } from '../../src/evidence/json.ts';

const FOLDER = join(root, '.github/workflows');

/** All that a job may be allowed; who is not named here may read. */
const ALLOWED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  publish: { contents: 'write', 'id-token': 'write' },
};

const workflows = readdirSync(FOLDER).map((name) => {
  const text = readFileSync(join(FOLDER, name), 'utf8');
  const workflow: unknown = parse(text);
  const jobs = Object.entries(objectAt(dig(workflow, 'jobs')));
  const steps = jobs.flatMap(([, job]) => listAt(dig(job, 'steps')));
  return { name, text, workflow, jobs, steps };
});

describe.each(workflows)('the workflow $name', ({ text, workflow, jobs, steps }) => {
  it('takes every action by its commit, with the release beside it', () => {
    const used = [...text.matchAll(/uses: (.*)$/gm)].map(([, action]) => action);
    expect(used.length).toBe(steps.filter((step) => dig(step, 'uses') !== undefined).length);
    expect(used.length).toBeGreaterThan(0);
    for (const action of used) expect(action).toMatch(/^[\w.-]+\/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it('allows nothing, and each job only what it needs', () => {
    expect(dig(workflow, 'permissions')).toEqual({});
    for (const [name, job] of jobs) expect(dig(job, 'permissions')).toEqual(ALLOWED[name] ?? { contents: 'read' });
  });

  it('leaves no credentials in the checkout', () => {
    const checkouts = steps.filter((step) => textAt(dig(step, 'uses'))?.startsWith('actions/checkout@'));
    expect(checkouts).toHaveLength(jobs.length);
    for (const step of checkouts) expect(dig(step, 'with', 'persist-credentials')).toBe(false);
  });

  it('runs scripts of this repository and unpacks what they packed, and nothing else', () => {
    const commands = steps.flatMap((step) => textAt(dig(step, 'run')) ?? []);
    expect(commands.length).toBeGreaterThan(0);
    for (const command of commands.filter((one) => one !== 'tar xf release.tar')) {
      const [, script = ''] =
        /^(?:sudo --preserve-env=[A-Z_,]+ )?((?:krew|\.ci)\/[a-z-]+)[^\n;&|`]*$/.exec(command) ?? [];
      expect(script, command).not.toBe('');
      accessSync(join(root, script), constants.X_OK);
    }
  });

  it('hands what the event says to commands by variables only', () => {
    for (const step of steps) expect(textAt(dig(step, 'run')) ?? '').not.toContain('${{');
  });
});

describe('the workflow of a release', () => {
  it('starts with a tag alone, and publishes what was built and tested', () => {
    const release = workflows.find(({ name }) => name === 'release.yml');
    expect(dig(release?.workflow, 'on')).toEqual({ push: { tags: ['v*'] } });
    expect(dig(release?.workflow, 'jobs', 'publish', 'needs')).toBe('build');
    const commands = release?.steps.map((step) => textAt(dig(step, 'run'))?.replace(/ .*/, '')) ?? [];
    expect(commands.filter((command) => command !== undefined)).toEqual([
      'krew/check-tag',
      'sudo',
      'krew/pack-release',
      'tar',
      'krew/publish',
      'krew/open-index-update',
    ]);
  });
});
