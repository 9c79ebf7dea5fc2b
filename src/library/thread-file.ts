import { existsSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { CredctlError } from '../domain/errors.js';

/**
 * The module of a worker thread, beside the library's own. Bundlers copy it only where they understand
 * `new URL(…, import.meta.url)`, and some replace `URL` by a class of their own, which `Worker` does not take.
 *
 * @param name for the message, where a bundler has removed `import.meta.url` and there is no path
 * @throws CredctlError `unexpected` that names the file where it is missing
 */
export function threadFile(name: string, module: () => URL): URL {
  const path = pathOf(module);
  if (path !== null && existsSync(path)) return pathToFileURL(path);
  throw new CredctlError('unexpected', `a file of credctl is missing: ${path ?? name}`, {
    hint: "keep credctl out of the bundle: esbuild --external:credctl, Next.js serverExternalPackages: ['credctl']",
  });
}

function pathOf(module: () => URL): string | null {
  try {
    return fileURLToPath(module());
  } catch {
    return null;
  }
}
