import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readlinkSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isRunning, livenessOf, ownStart, processSpace } from '../../src/files/process.js';

/** When a process started, as proc(5) has it. */
function startOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

/** A process that runs until the test is over. */
function sleeper(): { readonly pid: number; end(): Promise<unknown> } {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  const end = () => {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    return ended;
  };
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return { pid: child.pid ?? 0, end };
}

describe('where process ids mean what they mean here', () => {
  it('is one boot and one PID namespace', () => {
    expect(processSpace()).toEqual({
      boot: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
      namespace: readlinkSync('/proc/self/ns/pid'),
    });
  });
});

describe('a process of this namespace', () => {
  it('is told apart by its start from one that had its id before, this one as well', () => {
    const { pid } = sleeper();
    for (const id of [pid, process.pid]) {
      expect(livenessOf(id, startOf(id))).toBe('running');
      expect(livenessOf(id, String(Number(startOf(id)) - 1))).toBe('gone');
    }
    expect(ownStart()).toBe(startOf(process.pid));
  });

  it('is gone once it has ended', async () => {
    const { pid, end } = sleeper();
    const started = startOf(pid);
    expect([livenessOf(pid, started), isRunning(pid)]).toEqual(['running', true]);
    await end();
    expect([livenessOf(pid, started), isRunning(pid)]).toEqual(['gone', false]);
  });

  it('is gone once it has ended, although its parent has not collected it', async () => {
    // It ends once the shell, which would collect it, has become a program that does not.
    const parent = spawn('sh', ['-c', 'sleep 1 & echo $!; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    onTestFinished(() => {
      parent.kill('SIGKILL');
    });
    const [chunk] = await once(parent.stdout, 'data');
    const pid = Number(String(chunk).trim());
    const started = startOf(pid);
    await expect.poll(() => readFileSync(`/proc/${pid}/stat`, 'utf8'), { timeout: 30_000 }).toContain(') Z ');
    expect([livenessOf(pid, started), isRunning(pid)]).toEqual(['gone', true]);
  });

  it('whose start is not known may be another one with its id', () => {
    expect(livenessOf(sleeper().pid, '')).toBe('unknown');
    expect(livenessOf(spawnSync('true').pid, '')).toBe('gone');
  });

  it('of another user exists', () => {
    expect(isRunning(1)).toBe(true);
  });
});
