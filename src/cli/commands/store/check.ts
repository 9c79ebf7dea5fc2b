import { Command } from 'commander';
import type { Finding, Store } from '../../../domain/ports/store-port.js';
import { safeForTerminal } from '../../../domain/text/safe-text.js';
import { checkKeychain } from '../../../usecases/keychain/keychain-check.js';
import type { CommandContext } from '../../command-context.js';
import { EXIT_CODES } from '../../exit.js';
import { addGlobalOptions, globalOptions } from '../../flags/global.js';
import { explain } from '../../help.js';
import type { Host } from '../../host/host.js';
import { jsonDocument } from '../../render/json.js';
import { maintenance, note, readingExisting } from '../../session.js';

/** `credctl store check`. */
export function storeCheckCommand({ host, setExitCode }: CommandContext): Command {
  const command = new Command('check')
    .summary('look for damage and unfinished work')
    .description(
      'Look for a damaged file, access for other users, contradictions, an altered audit trail, secrets that were never issued, unfinished deliveries, effects of a wrong clock, and revoked secrets in the keychain. Each finding says how to fix it.',
    );
  addGlobalOptions(command).action(() => {
    const globals = globalOptions(command);
    return readingExisting(host, globals, async (store) => {
      const { watch } = await maintenance(host, globals);
      const stop = watch.file('checking', '', 0);
      const findings = await findingsIn(host, store).finally(stop);
      const ok = findings.every((finding) => finding.severity !== 'error');
      if (!ok) setExitCode(EXIT_CODES.integrity);
      if (globals.json) return host.out.write(jsonDocument({ ok, findings }));
      for (const finding of findings) {
        const line = `${finding.severity}: ${finding.message} (${finding.check})`;
        host.out.write(`${safeForTerminal(line)}\n  fix: ${safeForTerminal(finding.fix)}\n`);
      }
      if (findings.length === 0) host.out.write('no problems found\n');
      else if (ok) note(host, globals, 'nothing is damaged');
    });
  });
  return explain(
    command,
    [
      ['credctl store check', 'for a person'],
      ['credctl store check --json > check.json', 'for monitoring: exit code 9 means damage'],
    ],
    [[0, 'nothing is damaged; there may be warnings'], 2, 4, 8, 9],
  );
}

/** Skips the keychain where the store is damaged, since its records are unreliable. */
async function findingsIn(host: Host, store: Store): Promise<readonly Finding[]> {
  const now = host.clock.now();
  const findings = await store.check(now);
  if (findings.some(({ severity }) => severity === 'error')) return findings;
  const keychain = host.keychain();
  try {
    return [...findings, ...(await checkKeychain(store, keychain, now))];
  } finally {
    keychain.close();
  }
}
