import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isRunning } from '../../src/files/process.js';
import { systemProcesses } from '../../src/system/processes.js';

const processes = systemProcesses();

/** When a process started, as proc(5) has it. */
function startOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

/** A process that runs until the test is over. */
function sleeper(): number {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child.pid ?? 0;
}

describe('the processes of this machine', () => {
  it('know this one: host, boot, id and start', () => {
    expect(processes.self()).toEqual({
      host: hostname(),
      boot: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
      pid: process.pid,
      started: startOf(process.pid),
    });
    expect(processes.status(processes.self())).toBe('running');
  });

  it('do not take one for gone whose boot is hidden from somebody by a sandbox', () => {
    expect(processes.status({ ...processes.self(), boot: '' })).toBe('unknown');
    expect(processes.status({ ...processes.self(), boot: 'another' })).toBe('gone');
  });

  it('know another one while it runs, and that it is gone afterwards', async () => {
    const child = spawn('sleep', ['60'], { stdio: 'ignore' });
    const pid = child.pid ?? 0;
    const other = { ...processes.self(), pid, started: startOf(pid) };
    expect([processes.status(other), isRunning(pid)]).toEqual(['running', true]);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect([processes.status(other), isRunning(pid)]).toEqual(['gone', false]);
  });

  it('tell a reused id apart by the start of its process', () => {
    const pid = sleeper();
    const earlier = { ...processes.self(), pid, started: String(Number(startOf(pid)) - 1) };
    expect(processes.status(earlier)).toBe('gone');
  });

  it('take one that has ended, but was not collected by its parent, for gone', async () => {
    // It ends once the shell, which would collect it, has become a program that does not.
    const parent = spawn('sh', ['-c', 'sleep 1 & echo $!; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    onTestFinished(() => {
      parent.kill('SIGKILL');
    });
    const [chunk] = await once(parent.stdout, 'data');
    const pid = Number(String(chunk).trim());
    const isZombie = () => readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
    for (let round = 0; round < 1_000 && !isZombie(); round += 1)
      await new Promise((done) => setTimeout(done, 10));
    expect([isZombie(), isRunning(pid)]).toEqual([true, true]);
    expect(processes.status({ ...processes.self(), pid, started: startOf(pid) })).toBe('gone');
  });

  it('take one of another boot for gone, and say nothing about another host', () => {
    const self = processes.self();
    expect(processes.status({ ...self, boot: 'another' })).toBe('gone');
    expect(processes.status({ ...self, host: 'another' })).toBe('unknown');
    expect(processes.status({ ...self, host: 'another', boot: 'another', pid: 1 })).toBe('unknown');
  });

  it('count one of another user as running', () => {
    expect(isRunning(1)).toBe(true);
    expect(isRunning(spawnSync('true').pid)).toBe(false);
  });
});
