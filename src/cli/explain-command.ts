import { docsLink, guideLink } from '../doctor/docs-link.ts';
import { renderMarkdown } from '../report/markdown-text.ts';
import { shippedFile } from '../shipped-file.ts';
import { canvasOf } from './appearance.ts';
import { requireCheck } from './choose-checks.ts';
import { type Host, UsageError } from './host.ts';
import { suggestion } from './nearest.ts';
import { docsBase, guideBase } from './tool.ts';

/** Shows the troubleshooting entry of a check, or of one of its messages, without asking the network. */
export async function explain(what: string, host: Host): Promise<number> {
  const { checks } = await import('../../checks/index.ts');
  const slash = what.lastIndexOf('/');
  const whole = checks.some(({ id }) => id === what);
  const check = requireCheck(checks, whole || slash < 0 ? what : what.slice(0, slash));
  const message = whole || slash < 0 ? undefined : what.slice(slash + 1);
  const page = new TextDecoder().decode(await shippedFile(`checks/${check.id}/doc.md`));
  const { body, sections } = takeApart(page);
  const canvas = canvasOf(host, 'auto');
  let anchor: string | undefined;
  let markdown = `# ${check.id}: ${check.title}\n\n${body.replace(/^\s*# .*\n/, '')}`;
  if (message !== undefined) {
    const section = sections.get(message);
    if (section === undefined) {
      const near = suggestion(message, [...sections.keys()]);
      throw new UsageError(
        `${check.id} has no message ${JSON.stringify(message)}${near}; it has: ${[...sections.keys()].join(', ')}`,
      );
    }
    anchor = message;
    markdown = section;
  }
  const lines = [
    ...renderMarkdown(canvas, markdown),
    '',
    `Docs   ${docsLink(docsBase, check.id, anchor)}`,
    `Guide  ${guideLink(guideBase, check.guide)}`,
  ];
  await host.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}

interface Page {
  /** Without its front matter. */
  readonly body: string;
  /** Text of each `## <message>` section with its heading, by message. */
  readonly sections: ReadonlyMap<string, string>;
}

function takeApart(page: string): Page {
  const text = page.replaceAll('\r\n', '\n');
  const front = /^---\n[\s\S]*?\n---\n/.exec(text)?.[0] ?? '';
  const body = text.slice(front.length);
  const [, ...parts] = body.split(/^(?=## )/m);
  return { body, sections: new Map(parts.map((part) => [/^## `?([^\s`]+)/.exec(part)?.[1] ?? '', part])) };
}
