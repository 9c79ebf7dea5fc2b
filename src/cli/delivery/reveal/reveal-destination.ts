import { join } from 'node:path';
import { CredctlError } from '../../../domain/errors.js';
import type { Delivery, DeliveryContext, Destination, IssuedSecret } from '../../../domain/ports/ports.js';
import { quote } from '../../../domain/text/quote.js';
import type { Keyboard } from './keyboard.js';
import { pageLines } from './page.js';
import { type Reveal, type RevealAction, type RevealTerminal, revealUntilStored } from './reveal-session.js';

/** Dependencies of the reveal screen. */
export interface RevealOptions {
  readonly terminal: Omit<RevealTerminal, 'keyboard'>;
  /** Loaded by the preflight: before anything is issued, and for no command that shows nothing. */
  readonly keyboard: () => Promise<Keyboard>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The home directory; null where there is none. */
  readonly home: string | null;
  readonly hasAlternateScreen: boolean;
  /** Prints the secret inline. */
  readonly inline: Destination;
  /** A new file, as with `--output`. */
  readonly fileAt: (path: string) => Destination;
  /** Null where the secret is saved there anyway. */
  readonly keychain: RevealKeychain | null;
  /** Asks whether to print the secret inline instead. */
  readonly confirm: (question: string) => Promise<boolean>;
  /** What else the person is told with the secret, such as what stops once it is stored. */
  readonly facts: () => readonly string[];
  /** Writes a note about further destinations to stderr. */
  readonly tell: (text: string) => void;
}

/** The keychain as a further destination. */
export interface RevealKeychain {
  /** Whether it responds; never throws and has no side effects. */
  readonly isReachable: () => Promise<boolean>;
  /** A new destination for each attempt. */
  readonly destination: () => Destination;
}

/** Standard output as a one-time reveal screen. */
export interface RevealDestination extends Destination {
  /** Whether the secret is printed inline, as the terminal has no alternate screen. */
  readonly isInline: boolean;
}

/** Saving from the screen never overwrites anything. */
const NOTHING_TO_REPLACE: DeliveryContext = { abandoned: [] };

/** Dummy secret of maximum length, for the layout check. */
const LONGEST_SECRET = 'x'.repeat(12 + '_sec_'.length + 61);

/** Shows the secret on the alternate screen; it counts as delivered once the user confirms. */
export function revealDestination(options: RevealOptions): RevealDestination {
  const saved: Destination[] = [];
  let isInline = false;
  let isReachable: Promise<boolean> | null = null;
  return {
    kind: 'stdout',
    replaces: false,
    waitsForPerson: true,

    get isInline() {
      return isInline;
    },

    async preflight(context) {
      await options.inline.preflight(context);
      const obstacle = obstacleTo(options);
      if (obstacle === null) {
        await options.keyboard();
        // Started early, concurrently with hashing, so that the screen does not wait for it.
        isReachable = options.keychain?.isReachable() ?? null;
        return;
      }
      const question = `${obstacle}: the secret would stay visible, also in the scrollback. Print it anyway?`;
      if (!(await options.confirm(question))) {
        throw new CredctlError('interrupted', 'not confirmed; nothing was changed', {
          hint: 'use another terminal, or send the secret to a file with --output FILE',
        });
      }
      isInline = true;
    },

    async deliver(delivery, announce) {
      if (isInline) return options.inline.deliver(delivery, announce);
      const said: string[] = [];
      const save = async (destination: Destination, success: string): Promise<string> => {
        await destination.preflight(NOTHING_TO_REPLACE);
        const withdraw = await announce(destination);
        try {
          await destination.deliver(delivery, announce);
        } catch (fault) {
          await destination.undo();
          // A stale record of a destination is harmless.
          await withdraw().catch(() => {});
          throw fault;
        }
        saved.unshift(destination);
        said.push(success);
        return success;
      };
      const terminal = { ...options.terminal, keyboard: await options.keyboard() };
      await revealUntilStored(terminal, {
        content: contentOf(delivery, options.facts()),
        actions: actionsFor(options, delivery, save),
        laterAction: keychainAction(options.keychain, isReachable, save),
        afterRevoking:
          delivery.version.number === 1
            ? 'no credential was created'
            : 'no new secret works; earlier secrets are unchanged',
      });
      for (const text of said) options.tell(text);
    },

    async undo() {
      for (const destination of saved) await destination.undo();
    },

    async settle(delivery) {
      for (const destination of saved) await destination.settle?.(delivery);
    },
  };
}

/** Why the alternate screen cannot be used, or null. */
function obstacleTo({ hasAlternateScreen, terminal }: RevealOptions): string | null {
  if (!hasAlternateScreen) return 'This terminal has no alternate screen';
  const content = { title: '', facts: [], label: '', secret: LONGEST_SECRET, status: '', keys: KEYS };
  return pageLines(content, terminal.size()) === null ? 'This terminal is too small' : null;
}

/** All key descriptions, for the layout check. */
const KEYS = [
  'Enter: it is stored',
  'f: save to file',
  'c: copy',
  'k: save to keychain',
  'Ctrl-C: revoke it',
];

function contentOf(
  { credential, version, handle, secret }: Delivery,
  further: readonly string[],
): Reveal['content'] {
  return {
    title: `The secret of ${credential.name}. It is shown only once: store it before you continue.`,
    facts: [
      `name: ${credential.name}, version ${version.number}`,
      ...(secret.type === 'oauth2' ? [`client id: ${secret.clientId}`] : []),
      `handle: ${handle}`,
      ...further,
    ],
    label: secret.type === 'oauth2' ? 'client secret:' : 'API key:',
    secret: bare(secret),
  };
}

function bare(secret: IssuedSecret): string {
  return secret.type === 'oauth2' ? secret.clientSecret : secret.apiKey;
}

type Save = (destination: Destination, success: string) => Promise<string>;

async function keychainAction(
  keychain: RevealKeychain | null,
  isReachable: Promise<boolean> | null,
  save: Save,
): Promise<RevealAction | null> {
  if (keychain === null || !(await isReachable)) return null;
  return {
    key: 'k',
    title: 'save to keychain',
    asksFor: null,
    run: () => save(keychain.destination(), 'saved to the keychain'),
  };
}

/** What {@link RevealOptions.fileAt} writes: the format `text`. */
const CONTENT_OF_FILE: Readonly<Record<IssuedSecret['type'], string>> = {
  'api-key': 'the bare API key',
  oauth2: 'client_id=… and client_secret=…, a line each',
};

function actionsFor(
  { env, home, fileAt }: RevealOptions,
  delivery: Delivery,
  save: Save,
): readonly RevealAction[] {
  const toFile: RevealAction = {
    key: 'f',
    title: 'save to file',
    asksFor: `File (${CONTENT_OF_FILE[delivery.secret.type]})`,
    run: async (path) => save(fileAt(fromHome(path, home)), `saved to ${quote(path)}, readable by you alone`),
  };
  const toClipboard: RevealAction = {
    key: 'c',
    title: 'copy',
    asksFor: null,
    run: async () => {
      const { copyToClipboard } = await import('./clipboard.js');
      const program = await copyToClipboard(bare(delivery.secret), env);
      return program === null
        ? 'no clipboard: none of wl-copy, xclip, xsel, pbcopy and clip.exe works here'
        : `copied with ${program}; clear the clipboard once it is stored`;
    },
  };
  return [toFile, toClipboard];
}

/** Expands `~/`, as no shell did. */
function fromHome(path: string, home: string | null): string {
  return path.startsWith('~/') && home !== null ? join(home, path.slice(2)) : path;
}
