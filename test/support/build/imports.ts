import type { Source } from './sources.js';
import { isNode, type Node, nameOf, statementsOf, walk } from './syntax.js';

/** Statements, calls and types that name a module. */
const WITH_SOURCE: ReadonlySet<string> = new Set([
  'ImportDeclaration',
  'ExportNamedDeclaration',
  'ExportAllDeclaration',
  'ImportExpression',
  'TSImportType',
]);

/** Functions that load the module that they are given. */
const LOADERS: ReadonlySet<string | null> = new Set(['require', 'getBuiltinModule']);

/** What a module imports, types included, and whatever else loads one; `?` for what cannot be told beforehand. */
export function importsIn(source: Source): readonly string[] {
  const found: string[] = [];
  walk(statementsOf(source), (node) => {
    const named = moduleNamedBy(node);
    if (named != null) found.push(literalOf(named) ?? '?');
    return true;
  });
  return found;
}

function moduleNamedBy(node: Node): unknown {
  if (WITH_SOURCE.has(node.type)) return node['source'];
  if (node.type === 'TSExternalModuleReference') return node['expression'];
  if (node.type !== 'CallExpression' || !LOADERS.has(nameOf(node['callee']))) return null;
  return (node['arguments'] as readonly unknown[])[0] ?? node;
}

function literalOf(node: unknown): string | null {
  return isNode(node) && node.type === 'Literal' && typeof node['value'] === 'string' ? node['value'] : null;
}
