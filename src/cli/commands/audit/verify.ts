import { Command, Option } from 'commander';
import { usageError } from '../../../domain/errors.js';
import { trailFault } from '../../../domain/ports/audit-port.js';
import { counted } from '../../../domain/text/counted.js';
import { quote } from '../../../domain/text/quote.js';
import type { CommandContext } from '../../command-context.js';
import { EXIT_CODES, errorText } from '../../exit.js';
import { addGlobalOptions, globalOptions } from '../../flags/global.js';
import { explain } from '../../help.js';
import { boldOn } from '../../render/colour.js';
import { jsonDocument } from '../../render/json.js';
import { readingExisting } from '../../session.js';

/** `credctl audit verify`. */
export function auditVerifyCommand({ host, setExitCode }: CommandContext): Command {
  const command = new Command('verify')
    .summary('check that no event was altered, removed or inserted')
    .description(
      'Check that no event was altered, removed or inserted. With a head hash that you noted earlier, the check also finds a trail that was rewritten or cut off.',
    )
    .addOption(new Option('--head <hash>', 'a head hash noted earlier').argParser(parseHash));
  addGlobalOptions(command).action((options: { readonly head?: string }) => {
    const globals = globalOptions(command);
    return readingExisting(host, globals, async (store) => {
      const result = await store.verifyAudit(options.head ?? null);
      if (result.valid) {
        const text = `valid: ${counted(result.events, 'event')}\nhead: ${result.head}\n`;
        host.out.write(globals.json ? jsonDocument({ ...result }) : text);
        return;
      }
      setExitCode(EXIT_CODES.integrity);
      if (globals.json) {
        const { firstBad, unknownAlg } = result;
        const alg = unknownAlg === undefined ? {} : { unknown_alg: unknownAlg };
        return host.out.write(jsonDocument({ valid: false, first_bad: firstBad, ...alg }));
      }
      host.err.write(
        errorText(
          {
            code: 'integrity',
            message: trailFault(result),
            hint:
              result.unknownAlg === undefined
                ? 'compare the trail with an earlier export; do not trust that event or any later one'
                : 'if a newer credctl wrote that event, verify with the newer one; otherwise the event was altered',
          },
          false,
          boldOn(host.env, host.err, globals),
        ),
      );
    });
  });
  return explain(
    command,
    [
      ['credctl audit verify', 'prints the head hash; note it outside of this machine'],
      ['credctl audit verify --head "$(cat head.txt)"', 'against a hash noted earlier'],
    ],
    [[0, 'the audit trail is intact'], 2, 4, 8, 9],
  );
}

function parseHash(text: string): string {
  const hash = text.toLowerCase();
  if (/^[0-9a-f]{64}$/.test(hash)) return hash;
  throw usageError(
    `${quote(text)} is not a head hash`,
    "a head hash has 64 hex digits; 'credctl audit verify' prints it",
  );
}
