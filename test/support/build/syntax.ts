import { parseAst } from 'rolldown/parseAst';
import type { Source } from './sources.js';

/** A node of the syntax tree (ESTree), with whatever its type has. */
export type Node = { readonly type: string } & Readonly<Record<string, unknown>>;

/** The statements of a module, as the bundler's parser reads them. */
export function statementsOf({ path, text }: Source): readonly unknown[] {
  return parseAst(text, { lang: path.endsWith('.ts') ? 'ts' : 'js' }).body;
}

/** Calls `visit` with every node of a tree, until it answers that it wants nothing of what is below. */
export function walk(tree: unknown, visit: (node: Node, parent: Node | null) => boolean): void {
  const enter = (value: unknown, parent: Node | null): void => {
    if (Array.isArray(value)) for (const each of value) enter(each, parent);
    if (!isNode(value) || !visit(value, parent)) return;
    for (const below of Object.values(value)) enter(below, value);
  };
  enter(tree, null);
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

/** The name of an identifier, or of a member that is named and not computed; null for any other node. */
export function nameOf(node: unknown): string | null {
  if (!isNode(node)) return null;
  if (node.type === 'Identifier') return String(node['name']);
  return node.type === 'MemberExpression' && node['computed'] === false ? nameOf(node['property']) : null;
}
