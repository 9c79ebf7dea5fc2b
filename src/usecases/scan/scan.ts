import { CredctlError } from '../../domain/errors.js';
import type { ScanReport } from '../../domain/ports/scan-port.js';
import { byUrgency, FoundSecrets, type ScanFinding, type Standing } from '../../domain/scan/finding.js';
import { maskSecrets, type ParsedSecret } from '../../domain/secret/secret-format.js';

/** A part that could not be read, and why. */
export interface Unreadable {
  readonly path: string;
  readonly reason: string;
}

/** Something that is no text, and what it is. */
export interface PassedOver {
  readonly path: string;
  readonly what: string;
}

/** The outcome of a scan. */
export interface Scanned {
  readonly findings: readonly ScanFinding[];
  readonly unreadable: readonly Unreadable[];
  readonly passedOver: readonly PassedOver[];
  readonly notes: readonly string[];
  /** How many files and objects were read, and their size. */
  readonly items: number;
  readonly bytes: number;
}

/**
 * Scans, and then tells of each secret what it is, the urgent ones first. Nothing is told before all is read, so that a
 * scan that is ended says nothing by halves.
 *
 * @param run goes through what is to be scanned
 * @param identify what a secret is
 * @param mask replaces secrets in names, in any encoding; those that stand as they are, are masked here
 * @param progress called after each text, with how many were read
 */
export async function scan(
  run: (report: ScanReport) => Promise<void>,
  identify: (secret: ParsedSecret) => Promise<Standing>,
  mask: (text: string) => string = (text) => text,
  progress: (items: number) => void = () => {},
): Promise<Scanned> {
  const masked = (text: string): string => maskSecrets(mask(text));
  const secrets = new FoundSecrets();
  const unreadable: Unreadable[] = [];
  const passedOver: PassedOver[] = [];
  const notes: string[] = [];
  let items = 0;
  let bytes = 0;
  await run({
    // The name of a file can be a secret as well.
    found: (secret, place) => secrets.add(secret, { ...place, path: masked(place.path) }),
    unreadable: (path, reason) => unreadable.push({ path: masked(path), reason: masked(reason) }),
    passedOver: (path, what) => passedOver.push({ path: masked(path), what }),
    noted: (text) => notes.push(masked(text)),
    scanned(size) {
      items += 1;
      bytes += size;
      progress(items);
    },
  });
  const findings: ScanFinding[] = [];
  for (const found of secrets.all()) {
    findings.push({ ...found, standing: await standingOf(found.secret, identify, unreadable) });
  }
  return { findings: byUrgency(findings), unreadable, passedOver, notes, items, bytes };
}

/** What was found is told also where the store cannot be asked about it any more. */
async function standingOf(
  secret: ParsedSecret,
  identify: (secret: ParsedSecret) => Promise<Standing>,
  unreadable: Unreadable[],
): Promise<Standing> {
  try {
    return await identify(secret);
  } catch (fault) {
    if (!(fault instanceof CredctlError)) throw fault;
    unreadable.push({ path: `the store, about ${secret.handle}`, reason: fault.message });
    return { state: 'unchecked' };
  }
}
