import { describe, expect, it } from 'vitest';
import { checks } from '../../checks/index.ts';
import { renderMarkdown } from '../../src/report/markdown-text.ts';
import { say } from './fake-host.ts';

const CANVAS = { width: 60, color: false, unicode: true };

describe('a page for the terminal', () => {
  it('loses the marks of Markdown and keeps code as it is', () => {
    const page = [
      '# Title with `code`',
      '',
      '**Symptom.** A [link](https://x.example/) and **bold** words, a *stressed* one, `a * b * c`',
      'over two lines.',
      '',
      '- an item that is long enough to need a second line in this narrow terminal',
      '- another',
      '',
      '```sh',
      'kubectl get pods   # a very long line of code stays one line, however narrow the terminal',
      '```',
      '',
      '    indented code',
    ].join('\n');
    expect(renderMarkdown(CANVAS, page)).toEqual([
      'Title with code',
      '',
      'Symptom. A link (https://x.example/) and bold words, a',
      'stressed one, a * b * c over two lines.',
      '',
      '- an item that is long enough to need a second line in this',
      '  narrow terminal',
      '- another',
      '',
      '    kubectl get pods   # a very long line of code stays one line, however narrow the terminal',
      '',
      '    indented code',
    ]);
  });
});

describe('explain', () => {
  it.each(checks.map(({ id }) => id))('shows the whole entry of %s', async (id) => {
    const { exitCode, stdout, stderr } = await say(['explain', id]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout.split('\n')[0]).toContain(`${id}: `);
    expect(stdout).toContain(`/${id}/doc.md`);
    for (const message of Object.keys(checks.find((check) => check.id === id)?.messages ?? {})) {
      expect(stdout.split('\n')).toContain(message);
    }
  });

  it('shows only the section of one message, with its address', async () => {
    const { exitCode, stdout } = await say(['explain', 'csi-socket-name/wrong-name']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^wrong-name\n\nSymptom\./);
    expect(stdout).toContain('/csi-socket-name/doc.md#wrong-name');
    expect(stdout.match(/^Symptom\./gm)).toHaveLength(1);
  });
});

describe('checks', () => {
  it('lists every check once, with all that -o json says about it', async () => {
    const { stdout } = await say(['checks', '-o', 'json']);
    const listed: unknown = JSON.parse(stdout);
    expect(listed).toHaveLength(checks.length);
    expect(listed).toContainEqual(
      expect.objectContaining({
        id: 'csi-socket-name',
        stage: 'workload-api',
        subjects: ['haproxy-pod'],
        needs: expect.arrayContaining(['helperConfigs']),
        docs: expect.stringMatching(/\/csi-socket-name\/doc\.md$/),
        guide: expect.stringMatching(/#spiffe-helper-cannot-connect-to-spire-agent$/),
      }),
    );
  });

  it('fits 80 columns and says more when it may be wide', async () => {
    const { stdout } = await say(['checks']);
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
    for (const { id } of checks) expect(stdout).toContain(id);
    expect((await say(['checks', '-o', 'wide'])).stdout).toContain('haproxy-pod,ingress');
  });
});
