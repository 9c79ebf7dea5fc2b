import type { Credential } from '../../domain/credential/credential.js';
import { CredctlError } from '../../domain/errors.js';
import { quote, shellWord } from '../../domain/text/quote.js';
import type { Dependencies } from '../../usecases/dependencies.js';
import { allCredentials } from '../../usecases/rotation/rotate-due.js';

/** The files of a directory that holds one for each credential. */
export interface OutputFiles {
  /** A path in the directory that no credential has. */
  readonly sample: string;
  /**
   * The file of a credential.
   *
   * @throws CredctlError `undelivered` when another credential's file has the same name
   */
  pathFor(credential: Credential): Promise<string>;
}

/**
 * The files of `--output-dir`: named like the credential, with `__` for `/`. Names hold no `..` and begin with a letter
 * or digit, so a file cannot lie outside, be hidden, or take the sample's place.
 */
export function outputFiles(directory: string, deps: Pick<Dependencies, 'store' | 'clock'>): OutputFiles {
  let namesakes: Promise<ReadonlyMap<string, readonly Credential[]>> | null = null;
  return {
    sample: `${directory}/.credctl-preflight`,

    async pathFor(credential) {
      const file = fileName(credential.name);
      // Only these can be made from two names.
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
    `the file ${quote(file)} would also be that of ${other.name}, and one would overwrite the other`,
    {
      hint: `nothing was changed; rename one of them: credctl edit ${shellWord(credential.name)} --name NAME`,
    },
  );
}

/** By the file's name in lower case, since some file systems do not tell it apart. */
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
