import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SecretSearch } from '../../support/dependencies/secret-search.js';
import { mustSucceed } from '../../support/faults/interrupted-delivery.js';
import { limitKeychain } from '../../support/keychain/failing-keychains.js';
import { openKeychain } from '../../support/keychain/fake-keychains.js';
import type { FakeSecretService } from '../../support/keychain/secret-service.js';
import { credctl, type Ended } from '../../support/program/real-program.js';
import { MEMORY, makeWorkplace, type Workplace } from '../../support/program/workplace.js';
import { probing, verdictOn } from '../../support/stores/store-probe.js';

const KEY = ['--type', 'api-key', '--scope', 'data:conversations'];
const WAIT = { timeout: 60_000, interval: 20 };

let place: Workplace;
let keychain: FakeSecretService;

beforeEach(async () => {
  place = makeWorkplace(MEMORY);
  mustSucceed(await credctl(place, ['store', 'init', '--hash', 'sha256']));
  limitKeychain(place, '12s');
  keychain = openKeychain(place);
});

afterEach(() => place.remove());

/** Everything that the system shows of a process to others. */
function visible(pid: number): string {
  return ['cmdline', 'environ', 'comm', 'status']
    .map((file) => readFileSync(`/proc/${pid}/${file}`, 'latin1'))
    .join('\n');
}

function childrenOf(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter(Boolean).map(Number);
}

/** The files that a process has open, other than streams and devices. */
function openFiles(pid: number): readonly string[] {
  const links = execFileSync('find', [`/proc/${pid}/fd`, '-type', 'l', '-printf', '%l\\n'], {
    encoding: 'utf8',
  });
  return links.split('\n').filter((target) => target.startsWith('/') && !target.startsWith('/dev/null'));
}

/** Starts a delivery, and stops everything at the moment at which the keychain has the secret. */
async function heldAtWriting(argv: readonly string[]): Promise<Held> {
  keychain.misbehaviour = 'hangs at writing';
  keychain.when = 'delivery';
  let pid = 0;
  const agentAndSecret = new Promise<{ agent: number; secret: string }>((resolve, reject) => {
    keychain.onSaved = ({ account, secret }) => {
      if (account.startsWith('preflight/')) return;
      try {
        const [agent = 0, ...others] = childrenOf(pid);
        for (const process_ of [pid, agent]) process.kill(process_, 'SIGSTOP');
        expect(others, 'one program talks to the keychain').toEqual([]);
        resolve({ agent, secret });
      } catch (fault) {
        reject(fault);
      }
    };
  });
  const ended = credctl(place, argv, {
    env: { CREDCTL_DEBUG: '1' },
    onStart(child) {
      pid = child.pid ?? 0;
    },
  });
  const held = await agentAndSecret;
  return {
    ...held,
    pid,
    ended,
    goOn() {
      // ESRCH: a process that was killed cannot get a signal.
      for (const process_ of [pid, held.agent].filter(isRunning)) process.kill(process_, 'SIGCONT');
    },
  };
}

interface Held {
  readonly pid: number;
  readonly agent: number;
  readonly secret: string;
  readonly ended: Promise<Ended>;
  readonly goOn: () => void;
}

describe('while the keychain takes a secret', () => {
  it('no command line, environment, file or message has it', async () => {
    for (const argv of [
      ['create', 'one', ...KEY, '--keychain', '--no-print'],
      ['create', 'two', ...KEY, '--keychain', '--no-print', '--json'],
    ]) {
      const search = new SecretSearch();
      const { pid, agent, secret, ended, goOn } = await heldAtWriting(argv);
      search.add(secret);
      const seen = [visible(pid), visible(agent)];
      const files = search.filesIn(place.root);
      const temporary = [...openFiles(pid), ...openFiles(agent)].filter(
        (path) => path.includes('(deleted)') || path.startsWith('/tmp/'),
      );
      goOn();
      const { exitCode, stdout, stderr } = await ended;
      expect(exitCode, stderr).toBe(6);
      expect(seen[0]).toContain('--keychain');
      expect(seen[1]).toContain('keychain-agent');
      expect([...seen, stdout, stderr].filter((text) => search.isIn(text))).toEqual([]);
      expect(files).toEqual([]);
      expect(temporary).toEqual([]);
      expect(keychain.entries, 'it is taken back').toEqual([]);
    }
  });

  it('kill -9 leaves nobody behind who waits for it', async () => {
    const { pid, agent, secret, ended, goOn } = await heldAtWriting(['create', 'one', ...KEY, '--keychain']);
    process.kill(pid, 'SIGKILL');
    goOn();
    expect((await ended).signal).toBe('SIGKILL');
    await expect.poll(() => isRunning(agent), WAIT).toBe(false);
    await probing(place, async (probe) => {
      expect(await verdictOn(probe, secret), 'the keychain has it, so it is good').toBe('valid');
    });
    keychain.misbehaviour = 'none';
    mustSucceed(await credctl(place, ['rotate', 'one', '--resume']));
    expect((await credctl(place, ['keychain', 'get', 'one'])).stdout).toBe(`${secret}\n`);
  });

  it('Ctrl-C, which reaches every process of the terminal, leaves nobody behind either', async () => {
    const { pid, agent, ended, goOn } = await heldAtWriting(['create', 'one', ...KEY, '--keychain']);
    const groupOf = (process: number): string =>
      readFileSync(`/proc/${process}/stat`, 'latin1').split(') ')[1]?.split(' ')[2] ?? '';
    expect(groupOf(agent), 'it gets no signal from the terminal').not.toBe(groupOf(pid));
    process.kill(pid, 'SIGINT');
    goOn();
    await ended;
    await expect.poll(() => isRunning(agent), WAIT).toBe(false);
  });
});

describe('there is no other keychain than the one that was asked for', () => {
  it('not the kernel’s, and no file', async () => {
    keychain.misbehaviour = 'absent';
    const before = kernelKeys();
    const { exitCode } = await credctl(place, ['create', 'one', ...KEY, '--keychain', '--no-print']);
    expect(exitCode).toBe(6);
    expect(kernelKeys()).toEqual(before);
    expect(readdirSync(place.root, { recursive: true, encoding: 'utf8' }).sort()).toEqual(
      [
        'bus',
        'config',
        'config/credctl',
        'config/credctl/config.toml',
        'data',
        'data/credctl',
        'data/credctl/credctl.db',
        'home',
        'out',
        'tmp',
      ].sort(),
    );
  });
});

/** What the kernel's keyrings hold for us, as far as the system shows it. */
function kernelKeys(): readonly string[] {
  if (!existsSync('/proc/keys')) return [];
  return readFileSync('/proc/keys', 'latin1')
    .split('\n')
    .filter((line) => / user /.test(line));
}

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'));
  } catch {
    return false;
  }
}
