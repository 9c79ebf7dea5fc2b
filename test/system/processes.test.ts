import { spawn } from 'node:child_process';
import { hostname } from 'node:os';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ownStart, processSpace } from '../../src/files/process.js';
import { systemProcesses } from '../../src/system/processes.js';

const processes = systemProcesses();
const self = processes.self();
/** Recorded by a version that did not note the namespace. */
const { namespace: _, ...earlier } = self;

describe('the processes of this machine and PID namespace', () => {
  it('know this one: host, boot, namespace, id and start', () => {
    expect(self).toEqual({ host: hostname(), ...processSpace(), pid: process.pid, started: ownStart() });
    expect(processes.status(self)).toBe('running');
  });

  it('know another one while it runs, and its id in the hands of a later one', () => {
    const child = spawn('sleep', ['60'], { stdio: 'ignore' });
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    expect(processes.status({ ...self, pid: child.pid ?? 0, started: '1' })).toBe('gone');
  });

  it('know one although the host has got another name since', () => {
    expect(processes.status({ ...self, host: 'another' })).toBe('running');
    expect(processes.status({ ...self, host: 'another', started: '1' })).toBe('gone');
  });

  it('say nothing about another namespace, although the host has the same name', () => {
    for (const namespace of ['pid:[1]', '']) {
      expect(processes.status({ ...self, namespace })).toBe('unknown');
      expect(processes.status({ ...self, namespace, started: '1' })).toBe('unknown');
    }
  });

  it('take one of an earlier boot of this machine for gone, and say nothing about another host or a container', () => {
    const rebooted = { ...self, boot: 'another' };
    const isMachine = self.namespace === 'pid:[4026531836]';
    expect(processes.status(rebooted)).toBe(isMachine ? 'gone' : 'unknown');
    expect(processes.status({ ...rebooted, host: 'another' })).toBe('unknown');
    expect(processes.status({ ...rebooted, namespace: 'pid:[4026532179]' })).toBe('unknown');
  });

  it('say nothing about one whose boot is hidden by a sandbox', () => {
    expect(processes.status({ ...self, boot: '' })).toBe('unknown');
  });

  it('believe a record without a namespace only where they see that very process', () => {
    expect(processes.status(earlier)).toBe('running');
    expect(processes.status({ ...earlier, started: '1' })).toBe('unknown');
    expect(processes.status({ ...earlier, host: 'another', started: '1' })).toBe('unknown');
  });
});
