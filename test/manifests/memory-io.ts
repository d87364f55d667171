import type { ManifestsIo } from '../../src/sources/manifests/index.ts';

/** Files in memory; a folder is what other paths begin with. An `Error` as content is what reading it ends in. */
export function memoryIo(files: Readonly<Record<string, string | Uint8Array | Error>>, stdin = ''): ManifestsIo {
  const missing = () => Object.assign(new Error('not there'), { code: 'ENOENT' });
  return {
    read: async (path) => {
      const content = files[path];
      if (content === undefined) throw missing();
      if (content instanceof Error) throw content;
      return typeof content === 'string' ? new TextEncoder().encode(content) : content;
    },
    list: async (path) => {
      if (path in files) return undefined;
      const inside = Object.keys(files).filter((file) => file.startsWith(`${path}/`));
      if (inside.length === 0) throw missing();
      const names = inside.map((file) => file.slice(path.length + 1));
      return [
        ...new Map(
          names.map((name) => [
            name.split('/')[0] ?? '',
            { name: name.split('/')[0] ?? '', folder: name.includes('/') },
          ]),
        ).values(),
      ];
    },
    stdin: async () => new TextEncoder().encode(stdin),
  };
}
