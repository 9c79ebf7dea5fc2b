import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findProgram } from '../program/find-program.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Sets the labels of keychain entries. */
export interface EntryLabels {
  /** Best effort, within a second; never rejects. `attributes` are those by which the entry is found. */
  set(attributes: Readonly<Record<string, string>>, label: string): Promise<void>;
  /** Ends what is under way. */
  end(): void;
}

/** How long the label of an entry may take, in milliseconds. */
const LIMIT_MS = 1_000;

/**
 * Labels entries in gnome-keyring, with busctl, or with gdbus where that is not installed; elsewhere nothing is done. The
 * binding takes no label, and its agent must stay free to remove an entry; these programs can be killed at any time.
 */
export function entryLabels(env: Environment): EntryLabels {
  let ending: AbortController | null = null;
  let isGivenUp = process.platform !== 'linux';
  return {
    async set(attributes, label) {
      if (isGivenUp) return;
      const controller = new AbortController();
      ending = controller;
      const timer = setTimeout(() => {
        // The next one would hang as well: a run of many rotations would wait for each.
        isGivenUp = true;
        controller.abort();
      }, LIMIT_MS);
      await setLabel(caller(env, controller.signal), attributes, label).catch(() => {});
      clearTimeout(timer);
    },
    end() {
      ending?.abort();
    },
  };
}

async function setLabel(
  call: Call,
  attributes: Readonly<Record<string, string>>,
  label: string,
): Promise<void> {
  // No other service: KWallet makes a password unreadable when its label comes to lie in another folder. The unique
  // name, as well, lets the bus start none.
  const owner = await call(BUS, '/org/freedesktop/DBus', `${BUS}.GetNameOwner`, {
    busctl: ['s', KEYRING],
    gdbus: [text(KEYRING)],
  });
  const [to] = /:[\d.]+/.exec(owner) ?? [];
  if (to === undefined) return;
  const pairs = Object.entries(attributes);
  const items = await call(to, SECRETS, 'org.freedesktop.Secret.Service.SearchItems', {
    busctl: ['a{ss}', String(pairs.length), ...pairs.flat()],
    gdbus: [text(attributes)],
  });
  for (const [item] of items.matchAll(/\/[\w/]+/g)) {
    await call(to, item, 'org.freedesktop.DBus.Properties.Set', {
      busctl: ['ssv', ITEM, 'Label', 's', label],
      gdbus: [text(ITEM), text('Label'), `<${text(label)}>`],
    });
  }
}

const BUS = 'org.freedesktop.DBus';
const KEYRING = 'org.gnome.keyring';
const SECRETS = '/org/freedesktop/secrets';
const ITEM = 'org.freedesktop.Secret.Item';

/** The text format of GVariant, which gdbus takes, reads the strings of JSON, and objects of strings. */
const text = JSON.stringify;

/** Calls a method over D-Bus, with its arguments as each program takes them, and returns what is printed. */
type Call = (to: string, path: string, method: string, args: Arguments) => Promise<string>;
type Arguments = Readonly<Record<'busctl' | 'gdbus', readonly string[]>>;

/** Makes calls by the first program that is installed; rejects when they fail, or there is none. */
function caller(env: Environment, signal: AbortSignal): Call {
  const { PATH, DBUS_SESSION_BUS_ADDRESS, XDG_RUNTIME_DIR } = env;
  // No more, since the environment may hold secrets. gdbus takes UTF-8 by the locale alone.
  const own = { PATH, DBUS_SESSION_BUS_ADDRESS, XDG_RUNTIME_DIR, LC_ALL: 'C.UTF-8' };
  const run = async (program: string, args: readonly string[]): Promise<string> => {
    const running = promisify(execFile)(program, args, { env: own, signal, killSignal: 'SIGKILL' });
    running.child.stdin?.end();
    return (await running).stdout;
  };
  const [busctl, gdbus] = [findProgram('busctl', env), findProgram('gdbus', env)];
  return async (to, path, method, args) => {
    if ('path' in busctl) {
      const dot = method.lastIndexOf('.');
      const parts = [method.slice(0, dot), method.slice(dot + 1)];
      return run(busctl.path, ['--user', '--timeout=1', '--', 'call', to, path, ...parts, ...args.busctl]);
    }
    if (!('path' in gdbus)) throw new Error('neither is installed');
    const callee = [`--dest=${to}`, `--object-path=${path}`, `--method=${method}`];
    return run(gdbus.path, ['call', '--session', '--timeout=1', ...callee, ...args.gdbus]);
  };
}
