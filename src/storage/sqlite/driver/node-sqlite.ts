/** What this program uses of `node:sqlite`, which the types of the oldest supported Node.js do not have. */
export interface NodeSqlite {
  readonly DatabaseSync: new (location: string, options: NodeSqliteOptions) => DatabaseSync;
}

interface NodeSqliteOptions {
  readonly readOnly: boolean;
  /** Milliseconds. */
  readonly timeout: number;
  readonly enableForeignKeyConstraints: boolean;
  readonly enableDoubleQuotedStringLiterals: boolean;
  readonly allowExtension: boolean;
  /** Ignored by Node.js 22, which has no such option. */
  readonly defensive: boolean;
}

export interface DatabaseSync {
  readonly isOpen: boolean;
  readonly isTransaction: boolean;
  prepare(text: string): StatementSync;
  exec(text: string): void;
  close(): void;
  /** From Node.js 24 on. */
  readonly deserialize?: (content: Uint8Array) => void;
}

export interface StatementSync {
  all(...parameters: readonly unknown[]): unknown[];
  get(...parameters: readonly unknown[]): unknown;
  run(...parameters: readonly unknown[]): { readonly changes: number };
  setReturnArrays(enabled: boolean): void;
  setReadBigInts(enabled: boolean): void;
}

/** What Node.js says, once a process, when the module is loaded. */
const EXPERIMENTAL = /^SQLite is an experimental feature/;

/**
 * Node's own SQLite; null where there is none, or one without what a store needs. What tells is `setReturnArrays`, which
 * came with 22.16 and 24.0, as did the full-text index and `isTransaction`.
 */
export function nodeSqlite(): NodeSqlite | null {
  const found = withoutRemark(() => process.getBuiltinModule('node:sqlite')) as
    | (NodeSqlite & { readonly StatementSync?: { readonly prototype: object } })
    | undefined;
  const statement = found?.StatementSync?.prototype;
  return found !== undefined && statement !== undefined && 'setReturnArrays' in statement ? found : null;
}

/** Leaves out the one warning of Node.js that its SQLite is experimental; all others go where they would have gone. */
function withoutRemark<T>(load: () => T): T {
  const emit = process.emitWarning;
  process.emitWarning = (warning: string | Error, ...rest: readonly unknown[]) => {
    if (!EXPERIMENTAL.test(String(warning))) Reflect.apply(emit, process, [warning, ...rest]);
  };
  try {
    return load();
  } finally {
    process.emitWarning = emit;
  }
}
