import { describe, expect, it } from 'vitest';
import { parseDuration } from '../../../src/domain/duration.js';
import { setCredentialStatus } from '../../../src/usecases/credential/activation.js';
import { createOwner } from '../../../src/usecases/owner.js';
import { abortRotation, resumeRotation } from '../../../src/usecases/rotation/end-rotation.js';
import { failure } from '../../storage/fixtures.js';
import { START } from '../../support/dependencies/fixed-clock.js';
import { DAY, type IssueChange, openScenario, type Scenario } from '../scenario.js';

const IN_DOUBT = { by: { diesAt: 'delivered' }, to: { replaces: true } } as const;

describe('a create of a name whose first secret may have arrived', () => {
  it('gets another secret, and only its delivery ends the first', async () => {
    const scenario = await openScenario();
    const { secret: first } = await scenario.tryIssue(IN_DOUBT);
    const { id } = await scenario.show();
    const seen: boolean[] = [];
    const deliver = async () => void seen.push(await scenario.accepts(first));
    const { fault, secret, result } = await scenario.tryIssue({
      name: 'CI-Bot',
      to: { meanwhile: { deliver } },
    });
    expect([fault, seen]).toEqual([null, [true]]);
    expect([await scenario.accepts(first), await scenario.accepts(secret)]).toEqual([false, true]);
    expect((await scenario.show()).id).toBe(id);
    expect(await scenario.states()).toEqual(['revoked', 'current']);
    expect(result?.notes.join(' ')).toContain('an earlier create of ci-bot was cut off');
    expect(await scenario.actions()).toEqual([
      'credential.create',
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

  it.each<readonly [string, IssueChange]>([
    ['as an API key', { type: 'oauth2' }],
    ['with other scopes', { scopes: ['data:*'] }],
    ['with another expiry', { expiresAt: START + DAY }],
    ['with another owner', { owner: 'svc' }],
    ['with another description', { description: 'second try' }],
    ['with another rotation policy', { rotateEvery: parseDuration('90d') }],
    ['with other labels', { labels: new Map([['env', 'prod']]) }],
  ])('and was begun %s is a conflict, before anything is prepared or changed', async (how, change) => {
    const scenario = await openScenario();
    await createOwner(scenario.process(), { name: 'svc', kind: 'service' });
    const { secret: first } = await scenario.tryIssue(IN_DOUBT);
    const before = await scenario.show();
    const { fault, destination } = await scenario.tryIssue(change);
    expect(fault).toMatchObject({
      code: 'conflict',
      message: expect.stringContaining(`was begun ${how}`),
      hint: expect.stringContaining('credctl rotate ci-bot --abort'),
    });
    expect(destination.contexts).toEqual([]);
    expect([await scenario.show(), await scenario.accepts(first)]).toEqual([before, true]);
  });

  it('keeps the end of the first where it is counted and as long', async () => {
    const scenario = await openScenario();
    const lasting = (ms: number) => ({ expiresAt: scenario.clock.now() + ms, expiryIsCounted: true });
    await scenario.tryIssue({ ...IN_DOUBT, ...lasting(DAY) });
    const { expiresAt } = await scenario.show();
    scenario.clock.advance('1h');
    expect((await scenario.tryIssue(lasting(2 * DAY))).fault).toEqual(failure('conflict', /another expiry/));
    await scenario.issue(lasting(DAY));
    expect((await scenario.show()).expiresAt).toBe(expiresAt);
  });

  it.each([
    ['deactivated', (scenario: Scenario) => setCredentialStatus(scenario.process(), 'ci-bot', 'inactive')],
    ['expired', async (scenario: Scenario) => scenario.clock.advance('2d')],
  ])('and is %s stays, since that can be undone', async (_how, stop) => {
    const scenario = await openScenario();
    await scenario.tryIssue({ ...IN_DOUBT, expiresAt: START + DAY });
    const { id } = await scenario.show();
    await stop(scenario);
    expect((await scenario.tryIssue({ expiresAt: START + DAY })).fault).toEqual(
      failure('conflict', /was begun/),
    );
    expect((await scenario.show()).id).toBe(id);
  });
});
