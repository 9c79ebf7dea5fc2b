import { Command } from 'commander';
import type { RefusalReason, Verdict } from '../../domain/credential/verdict.js';
import { formatInstant } from '../../domain/duration.js';
import { usageError } from '../../domain/errors.js';
import { readPresentedText } from '../../domain/secret/presented-text.js';
import { verify } from '../../usecases/credential/verify.js';
import type { CommandContext } from '../command-context.js';
import { EXIT_CODES } from '../exit.js';
import { addGlobalOptions, collect, type GlobalOptions, globalOptions } from '../flags/global.js';
import { explain } from '../help.js';
import type { Host } from '../host/host.js';
import { jsonDocument } from '../render/json.js';
import { credentialView } from '../render/views.js';
import { canAsk, dependencies, reading } from '../session.js';

/** Flags of `credctl verify`. */
export interface VerifyOptions {
  readonly scope?: readonly string[];
  readonly clientId?: string;
  readonly recordUse?: boolean;
}

/** `credctl verify`. */
export function verifyCommand(context: CommandContext): Command {
  const command = new Command('verify')
    .description(
      'Check an API key, a client secret or an access token. The secret is read from standard input, never from an argument; a terminal asks for it without showing it. A file that create has written, in any format, can be passed as it is; the client id in it is checked, too. Checking does not count as a use of the credential.',
    )
    .option('--scope <scope>', 'also require this scope; repeatable', collect)
    .option(
      '--client-id <id>',
      'also require this client; takes precedence over a client id given with the secret',
    )
    .option('--record-use', 'count this as a use, for a script that checks the secrets of its callers');
  addGlobalOptions(command).action((options: VerifyOptions) =>
    runVerify(context, globalOptions(command), options),
  );
  return explain(
    command,
    [
      ['credctl verify < key.txt', 'is the key in this file valid?'],
      ['credctl verify < crm.env', 'is the client secret in this file valid, for the client id in it?'],
      ['credctl verify --scope data:users --json < key.txt', 'may the key do this? for a script'],
    ],
    [
      [0, 'the secret is valid'],
      2,
      [4, "denied: the secret is not valid, or the store's permissions refuse you"],
      8,
      9,
      130,
    ],
  );
}

/** Reports whether the secret is valid, and otherwise why not. */
export async function runVerify(
  context: CommandContext,
  globals: GlobalOptions,
  options: VerifyOptions,
): Promise<void> {
  const { host } = context;
  // Read before the store is opened: the command that feeds the pipe may be creating the store.
  const piped = host.stdinIsTerminal ? null : readPresentedText(host.readInput());
  await reading(host, globals, async (store) => {
    const presented = piped ?? readPresentedText(await askForSecret(host, globals));
    const verdict = await verify(dependencies(host, globals, store), {
      secret: presented.secret,
      clientId: options.clientId ?? presented.clientId,
      scopes: options.scope ?? [],
      recordUse: options.recordUse ?? false,
    });
    const { prefix } = await store.settings();
    if (globals.json) host.out.write(jsonDocument(verdictView(verdict, prefix, host.clock.now())));
    else if (!globals.quiet) host.out.write(`${verdictLine(verdict)}\n`);
    if (!verdict.valid) context.setExitCode(EXIT_CODES.denied);
  });
}

async function askForSecret(host: Host, globals: GlobalOptions): Promise<string> {
  if (!canAsk(host, globals)) {
    throw usageError('verify reads the secret from standard input', 'credctl verify < FILE');
  }
  return (await host.prompts()).hidden('Secret:');
}

function verdictView(verdict: Verdict, prefix: string, now: number): { readonly [key: string]: unknown } {
  if (!verdict.valid) return refusalView(verdict);
  return {
    valid: true,
    credential: credentialView(verdict.credential, prefix, now),
    version: verdict.version.number,
  };
}

function refusalView(verdict: Verdict & { readonly valid: false }): { readonly [key: string]: unknown } {
  if (verdict.reason !== 'deleted') return { valid: false, reason: verdict.reason };
  const { id, name, deletedAt } = verdict.credential;
  return { valid: false, reason: 'deleted', credential: { id, name, deleted_at: formatInstant(deletedAt) } };
}

function verdictLine(verdict: Verdict): string {
  if (!verdict.valid && verdict.reason === 'deleted') {
    const { id, name, deletedAt } = verdict.credential;
    return `not valid: deleted (${name ?? id}, deleted ${formatInstant(deletedAt)})`;
  }
  if (!verdict.valid) return `not valid: ${verdict.reason} (${MEANINGS[verdict.reason]})`;
  return `valid: ${verdict.credential.name}, version ${verdict.version.number}, ${verdict.scopes.join(', ')}`;
}

const MEANINGS: Readonly<Record<RefusalReason, string>> = {
  malformed: 'mistyped, cut off, or not a secret of credctl',
  deleted: 'its credential was deleted',
  unknown: 'no credential has this secret',
  wrong_secret: 'the handle exists, but the rest is wrong',
  version_retired: 'the secret was revoked, replaced or never delivered',
  inactive: 'the credential is deactivated',
  owner_inactive: "the credential's owner is deactivated",
  expired: 'the credential or the token has expired',
  canary: 'the credential is a canary, which grants nothing; server and library refuse it as unknown',
  insufficient_scope: 'the credential may not do that',
};
