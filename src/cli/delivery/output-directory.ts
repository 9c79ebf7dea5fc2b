import type { Credential } from '../../domain/credential/credential.js';
import { CredctlError } from '../../domain/errors.js';
import { quote, shellWord } from '../../domain/text/quote.js';
import { allCredentials } from '../../usecases/credential/all.js';
import type { Dependencies } from '../../usecases/dependencies.js';

/** Paths of the secret files in an output directory. */
export interface OutputFiles {
  /** A path that no credential maps to. */
  readonly sample: string;
  /**
   * The file of a credential.
   *
   * @throws CredctlError `undelivered` when another credential maps to the same file
   */
  pathFor(credential: Credential): Promise<string>;
}

/**
 * Files of `--output-dir`: the credential's name with `__` for `/`. Names contain no `..` and begin with a
 * letter or digit, so that a file cannot be outside the directory, hidden, or equal to the sample.
 */
export function outputFiles(directory: string, deps: Pick<Dependencies, 'store' | 'clock'>): OutputFiles {
  let namesakes: Promise<ReadonlyMap<string, readonly Credential[]>> | null = null;
  return {
    sample: `${directory}/.credctl-preflight`,

    async pathFor(credential) {
      const file = fileName(credential.name);
      // Only such names can collide.
      if (file.includes('__')) {
        namesakes ??= credentialsByFile(deps);
        refuseShared(credential, file, (await namesakes).get(file.toLowerCase()) ?? []);
      }
      return `${directory}/${file}`;
    },
  };
}

function refuseShared(credential: Credential, file: string, namesakes: readonly Credential[]): void {
  const other = namesakes.find(({ id }) => id !== credential.id);
  if (other === undefined) return;
  throw new CredctlError(
    'undelivered',
    `${credential.name} and ${other.name} would be written to the same file ${quote(file)}`,
    {
      hint: `nothing was changed; rename one of them: credctl edit ${shellWord(credential.name)} --name NAME`,
    },
  );
}

/** Keyed by the file's lower-case name, as some file systems are case-insensitive. */
async function credentialsByFile({
  store,
  clock,
}: Pick<Dependencies, 'store' | 'clock'>): Promise<ReadonlyMap<string, readonly Credential[]>> {
  const byFile = new Map<string, Credential[]>();
  for (const credential of await allCredentials(store, { now: clock.now() })) {
    const file = fileName(credential.name).toLowerCase();
    byFile.set(file, [...(byFile.get(file) ?? []), credential]);
  }
  return byFile;
}

function fileName(name: string): string {
  return name.replaceAll('/', '__');
}
