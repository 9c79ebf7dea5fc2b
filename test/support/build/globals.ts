import type { Source } from './sources.js';
import { isNode, type Node, nameOf, statementsOf, walk } from './syntax.js';

/** Globals of the language that read nothing but their arguments. */
const PURE: ReadonlySet<string> = new Set(
  `undefined parseInt Array JSON Map Number Object Promise Reflect RegExp Set String Symbol WeakMap
   Error RangeError SyntaxError TypeError Float64Array Uint8Array Uint32Array TextDecoder TextEncoder URL btoa`.split(
    /\s+/,
  ),
);

/** Members of a node that are names, not values. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  MemberExpression: ['property'],
  Property: ['key'],
  MethodDefinition: ['key'],
  PropertyDefinition: ['key'],
};

/** Nodes of TypeScript that hold a value; what is below any other is a type. */
const VALUES: ReadonlySet<string> = new Set([
  'TSAsExpression',
  'TSSatisfiesExpression',
  'TSNonNullExpression',
]);

/** Globals of a module whose value depends on more than the module is given: clock, randomness, process, network. */
export function impureGlobalsIn(source: Source): readonly string[] {
  const used: string[] = [];
  const own = new Set<string>();
  const statements = statementsOf(source);
  walk(statements, (node) => {
    for (const name of declaredBy(node)) own.add(name);
    return true;
  });
  walk(statements, (node, parent) => {
    if (node.type.startsWith('TS') && !VALUES.has(node.type)) return false;
    if (node.type === 'ImportDeclaration' || node.type === 'ExportAllDeclaration') return false;
    if (node.type === 'MetaProperty') {
      used.push('import.meta');
      return false;
    }
    if (node.type === 'Identifier' && !isLabel(node, parent)) {
      const name = String(node['name']);
      if (!own.has(name) && !isPure(name, node, parent)) used.push(name);
    }
    return true;
  });
  return [...new Set(used)];
}

/** `Math` is pure but for `random`; a date but for the present one, the only one without a time. */
function isPure(name: string, node: Node, parent: Node | null): boolean {
  if (PURE.has(name)) return true;
  const isObject = parent?.type === 'MemberExpression' && parent['object'] === node;
  const member = isObject ? nameOf(parent) : null;
  if (name === 'Math') return member !== null && member !== 'random';
  if (name !== 'Date') return false;
  if (member === 'UTC' || member === 'parse') return true;
  return parent?.type === 'NewExpression' && (parent['arguments'] as readonly unknown[]).length > 0;
}

function isLabel(node: Node, parent: Node | null): boolean {
  if (parent === null || parent['computed'] === true || parent['shorthand'] === true) return false;
  return (NAMES[parent.type] ?? []).some((member) => parent[member] === node);
}

/** The names that a node declares, wherever in the module they hold. */
function declaredBy(node: Node): readonly string[] {
  switch (node.type) {
    case 'ImportSpecifier':
    case 'ImportDefaultSpecifier':
    case 'ImportNamespaceSpecifier':
      return boundBy(node['local']);
    case 'VariableDeclarator':
      return boundBy(node['id']);
    case 'CatchClause':
      return boundBy(node['param']);
    case 'ClassDeclaration':
    case 'ClassExpression':
      return boundBy(node['id']);
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      return [node['id'], node['params']].flatMap(boundBy);
    default:
      return [];
  }
}

/** The names in a pattern, without defaults. */
function boundBy(pattern: unknown): readonly string[] {
  if (Array.isArray(pattern)) return pattern.flatMap(boundBy);
  if (!isNode(pattern)) return [];
  if (pattern.type === 'Identifier') return [String(pattern['name'])];
  return ['elements', 'properties', 'value', 'left', 'argument', 'parameter'].flatMap((part) =>
    boundBy(pattern[part]),
  );
}
