// @ts-check
/** The licences of the libraries whose code is a part of ours, which most of them ask to be passed on with it. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Characters of the shortest licence; what is shorter is a link to one. */
const SHORTEST = 300;

/** A directory of a package, within a module's path. */
const PACKAGE = /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+(?=[\\/])/;

/**
 * @param {readonly string[]} modules paths of what was bundled
 * @returns {Promise<string>} name, version, licence and its text for each package among them
 */
export async function thirdPartyNotices(modules) {
  const directories = new Set(modules.flatMap((path) => PACKAGE.exec(path)?.[0] ?? []));
  const notices = await Promise.all([...directories].map(notice));
  return `credctl contains code of the packages below, under the licences that follow each.\n\n${notices.sort().join('\n')}`;
}

/** @param {string} directory */
async function notice(directory) {
  const { name, version, license, author } = JSON.parse(
    await readFile(join(directory, 'package.json'), 'utf8'),
  );
  const found = await licenceTexts(directory);
  const isWhole = found.some((text) => text.length > SHORTEST);
  if (!isWhole && license !== 'MIT') throw new Error(`${name} ${version} has no licence to pass on`);
  const texts = isWhole ? found : [await mitLicence(author)];
  const head = `${name} ${version} (${license})`;
  return [head, '='.repeat(head.length), ...texts.map((text) => `\n${text.trim()}\n`)].join('\n');
}

/** The MIT License, of which a package holds no more than the name, with its author. @param {string} author */
async function mitLicence(author) {
  const ours = await readFile(new URL('../LICENSE', import.meta.url), 'utf8');
  return ours.replace(/^Copyright .*$/m, `Copyright (c) ${author}`);
}

/** Some packages have their licence in their README only. @param {string} directory */
async function licenceTexts(directory) {
  const files = (await readdir(directory)).sort();
  /** @param {RegExp} pattern */
  const read = (pattern) =>
    Promise.all(
      files.filter((file) => pattern.test(file)).map((file) => readFile(join(directory, file), 'utf8')),
    );
  const texts = await read(/^(?:licen[cs]e|copying|notice)/i);
  if (texts.length > 0) return texts;
  return (await read(/^readme/i)).flatMap((text) => /^#+ licen[cs]e$[\s\S]*/im.exec(text)?.[0] ?? []);
}
