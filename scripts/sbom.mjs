// @ts-check
/**
 * Prints what the package consists of, as CycloneDX: the libraries of THIRD-PARTY-NOTICES, which the bundle contains,
 * and what npm installs beside it. To npm the former are devDependencies, like the tools that do not ship.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { stdout } from 'node:process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const DEVELOPMENT = 'cdx:npm:package:development';

/** @param {readonly string[]} flags */
function sbom(...flags) {
  const text = execFileSync('npm', ['sbom', '--sbom-format', 'cyclonedx', ...flags], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 100_000_000,
  });
  return /** @type {Bom} */ (JSON.parse(text));
}

/**
 * @typedef {{ 'bom-ref': string, name: string, properties: { name: string }[] }} Component
 * @typedef {{ ref: string, dependsOn: string[] }} Edges
 * @typedef {{ metadata: { component: Component }, components: Component[], dependencies: Edges[] }} Bom
 */

const notices = readFileSync(new URL('../THIRD-PARTY-NOTICES', import.meta.url), 'utf8');
const bundled = [...notices.matchAll(/^(\S+) (\d\S*) \(.*\)\n=+$/gm)].map(([, name, of]) => `${name}@${of}`);
const [everything, installed] = [sbom(), sbom('--omit', 'dev')];
const { component: own } = everything.metadata;
const root = own['bom-ref'];
const ships = new Set([root, ...bundled, ...installed.components.map((each) => each['bom-ref'])]);

const components = everything.components
  .filter((each) => ships.has(each['bom-ref']))
  .map((each) => ({ ...each, properties: each.properties.filter(({ name }) => name !== DEVELOPMENT) }));
const known = new Set([root, ...components.map((each) => each['bom-ref'])]);
const unknown = [...ships].filter((ref) => !known.has(ref));
if (unknown.length > 0) throw new Error(`npm does not know ${unknown.join(', ')}: run npm ci, which builds`);

const edges = everything.dependencies
  .filter(({ ref }) => ships.has(ref))
  .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((each) => ships.has(each)) }));
// What came by way of a library that does not ship hangs on the package itself.
const reached = new Set([root, ...edges.flatMap(({ dependsOn }) => dependsOn)]);
edges.find(({ ref }) => ref === root)?.dependsOn.push(...[...ships].filter((ref) => !reached.has(ref)));

// npm takes the directory's name for the package's.
const metadata = { ...everything.metadata, component: { ...own, name: root.replace(/@[^@]+$/, '') } };
stdout.write(`${JSON.stringify({ ...everything, metadata, components, dependencies: edges }, null, 2)}\n`);
