import { describe, expect, it } from 'vitest';
import { abortRotation, resumeRotation } from '../../src/usecases/rotation-steps.js';
import { failure } from '../storage/fixtures.js';
import { openScenario } from './scenario.js';

const IN_DOUBT = { by: { diesAt: 'delivered' }, to: { replaces: true } } as const;

describe('a create of a name whose first secret may have arrived', () => {
  it('gets another secret, as it is asked for now, and only its delivery ends the first', async () => {
    const scenario = await openScenario();
    const { secret: first } = await scenario.tryIssue(IN_DOUBT);
    const { id } = await scenario.show();
    const seen: boolean[] = [];
    const deliver = async () => void seen.push(await scenario.accepts(first));
    const { fault, secret, result } = await scenario.tryIssue({
      name: 'CI-Bot',
      scopes: ['data:users'],
      description: 'second try',
      to: { meanwhile: { deliver } },
    });
    expect([fault, seen]).toEqual([null, [true]]);
    expect([await scenario.accepts(first), await scenario.accepts(secret)]).toEqual([false, true]);
    expect(await scenario.show()).toMatchObject({
      id,
      name: 'CI-Bot',
      scopes: ['data:users'],
      description: 'second try',
    });
    expect(await scenario.states()).toEqual(['revoked', 'current']);
    expect(result?.notes.join(' ')).toContain('an earlier create of CI-Bot was cut off');
    expect(await scenario.actions()).toEqual([
      'credential.create',
      'credential.edit',
      'credential.rotate',
      'credential.rotate.deliver',
    ]);
  });

  it('that fails leaves the first as pending as it was', async () => {
    const scenario = await openScenario();
    const { secret: first } = await scenario.tryIssue(IN_DOUBT);
    const { fault } = await scenario.tryIssue({ to: { failsAt: 'deliver' } });
    expect(fault).toEqual(failure('undelivered'));
    expect(await scenario.states()).toEqual(['pending', 'revoked']);
    await resumeRotation(scenario.process(), { reference: 'ci-bot' });
    expect(await scenario.accepts(first)).toBe(true);
  });

  it('that is in doubt as well leaves both, and either can be the one', async () => {
    const scenario = await openScenario();
    const secrets = [(await scenario.tryIssue(IN_DOUBT)).secret, (await scenario.tryIssue(IN_DOUBT)).secret];
    const accepted = () => Promise.all(secrets.map((secret) => scenario.accepts(secret)));
    expect([await scenario.states(), await accepted()]).toEqual([
      ['pending', 'pending'],
      [true, true],
    ]);
    await abortRotation(scenario.process(), { reference: 'ci-bot', force: false });
    expect(await accepted()).toEqual([true, false]);
    await resumeRotation(scenario.process(), { reference: 'ci-bot' });
    expect(await accepted()).toEqual([true, false]);
  });

  it('of the other type is a conflict that names the way out, before anything is prepared', async () => {
    const scenario = await openScenario();
    const { secret: first } = await scenario.tryIssue(IN_DOUBT);
    const { fault, destination } = await scenario.tryIssue({ type: 'oauth2' });
    expect(fault).toEqual(failure('conflict', /begun as an API key/));
    expect(destination.contexts).toEqual([]);
    expect(await scenario.accepts(first)).toBe(true);
  });

  it('that was stopped or had expired begins anew, since nothing of it works', async () => {
    const scenario = await openScenario();
    await scenario.tryIssue({ ...IN_DOUBT, expiresAt: scenario.clock.now() + 60_000 });
    const { id } = await scenario.show();
    scenario.clock.advance('1h');
    await scenario.issue();
    expect((await scenario.show()).id).not.toBe(id);
  });
});
