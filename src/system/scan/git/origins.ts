import { ended, type Git, zeroSeparated } from './git.js';

/** Where an object is in the history of a repository. */
export interface Origin {
  /** Its path; null for a commit or a tag itself, and for what nothing refers to. */
  readonly path: string | null;
  /** The oldest commit that has it there. */
  readonly commit: string | null;
  /** Smaller for older ones. */
  readonly order: number;
  readonly atHead: boolean;
}

/**
 * Where objects come from: for each path that ever led to one of them, the oldest commit in which it did. One walk through
 * the whole history, those of references, of the stash and of the reflog.
 *
 * @param ids of blobs
 * @throws GitFailed
 */
export async function originsOf(
  git: Git,
  directory: string | Buffer,
  ids: ReadonlySet<string>,
): Promise<ReadonlyMap<string, readonly Origin[]>> {
  const present = await atHead(git, directory, ids);
  const found = new Map<string, Map<string, Origin>>();
  const log = [
    'log',
    '--all',
    '--reflog',
    '--topo-order',
    '--reverse',
    '--diff-merges=separate',
    '--root',
    '--raw',
    '-z',
  ];
  const child = git.start(directory, [
    ...log,
    '--no-abbrev',
    '--no-renames',
    '--no-relative',
    '--no-ext-diff',
    '--no-textconv',
    '--format=commit %H',
  ]);
  const end = ended(child);
  let commit = '';
  let change: string | null = null;
  let order = 0;
  for await (const part of parts(child.stdout)) {
    const text: string = change === null ? part.toString().trimStart() : part.toString();
    if (change !== null) {
      const id = change.split(' ')[3] ?? '';
      change = null;
      if (!ids.has(id)) continue;
      const paths = found.get(id) ?? new Map<string, Origin>();
      const isAtHead = present.has(`${id} ${text}`);
      if (!paths.has(text)) paths.set(text, { path: text, commit, order: order++, atHead: isAtHead });
      found.set(id, paths);
    } else if (text.startsWith('commit ')) commit = text.slice('commit '.length);
    else if (text.startsWith(':')) change = text;
  }
  await end;
  return new Map([...found].map(([id, paths]) => [id, [...paths.values()]]));
}

/** The objects of the present commit, each with its path. */
async function atHead(
  git: Git,
  directory: string | Buffer,
  ids: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  const hasHead = await git.output(directory, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}']).then(
    () => true,
    () => false,
  );
  if (!hasHead) return new Set();
  const entries = zeroSeparated(await git.output(directory, ['ls-tree', '-r', '-z', '--full-tree', 'HEAD']));
  const present = new Set<string>();
  for (const entry of entries) {
    const [fields = '', path = ''] = splitOnce(entry.toString(), '\t');
    const id = fields.split(' ')[2] ?? '';
    if (ids.has(id)) present.add(`${id} ${path}`);
  }
  return present;
}

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

async function* parts(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0);
  for await (const chunk of stream) {
    const all = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const end = all.lastIndexOf(0) + 1;
    yield* zeroSeparated(all.subarray(0, end));
    rest = Buffer.from(all.subarray(end));
  }
  if (rest.length > 0) yield rest;
}
