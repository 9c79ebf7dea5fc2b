import { describe, expect, it } from 'vitest';
import { composeSecret, parseSecret } from '../../../src/domain/secret/secret-format.js';
import { setCredentialStatus } from '../../../src/usecases/credential/activation.js';
import { deleteCredential } from '../../../src/usecases/credential/delete.js';
import { editCredential } from '../../../src/usecases/credential/edit.js';
import { TokenIssuer } from '../../../src/usecases/serving/issue-token.js';
import { introspectToken, revokeToken } from '../../../src/usecases/serving/tokens.js';
import { type Serving, serve } from '../../support/servers/serving.js';
import { openScenario, REVOKE, type Scenario } from '../scenario.js';

const SCOPES = ['data:*', 'events:messages'];

async function openClient(
  scopes = SCOPES,
): Promise<{ scenario: Scenario; serving: Serving; secret: string }> {
  const scenario = await openScenario();
  const secret = await scenario.issue({ type: 'oauth2', scopes });
  return { scenario, serving: serve(scenario), secret };
}

describe('an access token', () => {
  it('is issued for all that the client holds, with the shortest lifetime, and is good at once', async () => {
    const { serving, secret } = await openClient();
    const { accessToken, expiresIn, scopes } = await serving.token(secret);
    expect(accessToken).toMatch(/^cctl_tok_[0-9A-Za-z]{61}$/);
    expect({ expiresIn, scopes }).toEqual({ expiresIn: 60, scopes: SCOPES });
    expect(await serving.principal(accessToken)).toMatchObject({
      scopes: SCOPES,
      credential: { name: 'ci-bot' },
    });
  });

  it('draws another id where one is taken, and the other token stays', async () => {
    const { scenario, serving, secret } = await openClient();
    const { random, ...others } = scenario.process();
    let draws = 0;
    // Seven characters of an id are drawn; those of the second token are those of the first.
    const bytes = (length: number) =>
      length === 7 && draws++ < 2 ? new Uint8Array(7) : random.bytes(length);
    const issuer = new TokenIssuer({ ...others, random: { ...random, bytes }, store: serving.store });
    const principal = await serving.principal(secret);
    const tokens = [await issuer.issue(principal, null), await issuer.issue(principal, null)];
    expect(draws).toBe(3);
    for (const token of tokens) {
      if (typeof token === 'string') throw new Error(token);
      expect(await serving.principal(token.accessToken)).toMatchObject({ credential: { name: 'ci-bot' } });
    }
  });

  it('is issued for less, and lives as long as its own APIs say', async () => {
    const { serving, secret } = await openClient();
    const { accessToken, expiresIn, scopes } = await serving.token(secret, 'data:users data:conversations');
    expect({ expiresIn, scopes }).toEqual({ expiresIn: 3600, scopes: ['data:conversations', 'data:users'] });
    expect(await serving.principal(accessToken)).toMatchObject({ scopes });
  });

  it.each([
    'events:*',
    'nothing:here',
    'data:nothing',
    'data',
    'data:users  data:conversations',
    ' data:users',
    'data:"',
    'data:users\tdata:users',
    'data:users@org/x',
    'dätä:users',
  ])('is not issued for %j', async (scope) => {
    const { scenario, serving, secret } = await openClient();
    const issuer = new TokenIssuer({ ...scenario.process(), store: serving.store });
    expect(await issuer.issue(await serving.principal(secret), scope)).toBe('invalid_scope');
  });

  it('means the resource that is held where it names none', async () => {
    const scenario = await openScenario();
    const { PRESETS } = await import('../../../src/domain/scope/presets.js');
    const catalog = PRESETS.get('mparticle');
    if (catalog === undefined) throw new Error('there is no such preset');
    await scenario.store.write((tx) => tx.replaceCatalog(catalog, scenario.clock.now()));
    const api = catalog.apis.find(({ resource, types }) => resource !== 'none' && types.includes('oauth2'));
    const [org] = catalog.resources;
    const scope = `${api?.id}:${api?.permissions[0]?.id}`;
    const secret = await scenario.issue({ type: 'oauth2', scopes: [`${scope}@org/${org?.id}`] });
    expect((await serve(scenario).token(secret, scope)).scopes).toEqual([`${scope}@org/${org?.id}`]);
  });

  it('does not outlive its credential or the grace of the version that obtained it', async () => {
    const { scenario, serving, secret } = await openClient(['data:*']);
    await scenario.rotate({ supersede: { kind: 'grace', ms: 90_500 } });
    expect((await serving.token(secret)).expiresIn).toBe(90);
    const soon = scenario.clock.now() + 30_000;
    await editCredential(scenario.process(), { reference: 'ci-bot', expiresAt: soon });
    const { accessToken, expiresIn } = await serving.token(secret);
    expect(expiresIn).toBe(30);
    scenario.clock.advance(30_000);
    expect(await serving.outcome(accessToken)).toBe('version_retired');
  });

  it('stops with the very next request after its credential or version was stopped elsewhere', async () => {
    const { scenario, serving, secret } = await openClient();
    const admin = scenario.process();
    const { accessToken } = await serving.token(secret);
    expect(await serving.outcome(accessToken)).toBe('accepted');
    await setCredentialStatus(admin, 'ci-bot', 'inactive');
    expect(await serving.outcome(accessToken)).toBe('inactive');
    await setCredentialStatus(admin, 'ci-bot', 'active');
    expect(await serving.outcome(accessToken)).toBe('accepted');
    await scenario.rotate({ supersede: REVOKE });
    expect(await serving.outcome(accessToken)).toBe('version_retired');
    await deleteCredential(admin, 'ci-bot');
    expect(await serving.outcome(accessToken)).toBe('unknown');
  });

  it('loses a scope the moment its credential does, and stops when none is left', async () => {
    const { scenario, serving, secret } = await openClient();
    const { accessToken } = await serving.token(secret);
    const hold = (...replace: string[]) =>
      editCredential(scenario.process(), { reference: 'ci-bot', scopes: { replace } });
    await hold('data:users');
    expect(await serving.principal(accessToken)).toMatchObject({ scopes: ['data:users'] });
    await hold('credctl:introspect');
    expect(await serving.outcome(accessToken)).toBe('insufficient_scope');
    await hold('events:messages', 'credctl:introspect');
    expect(await serving.principal(accessToken)).toMatchObject({ scopes: ['events:messages'] });
  });

  it('is stored as a digest only, and purged once it has expired', async () => {
    const { scenario, serving, secret } = await openClient(['data:*']);
    const { accessToken } = await serving.token(secret);
    const rows = await scenario.files.ask('select * from access_token');
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(parseSecret(accessToken)?.secret);
    expect(await serving.store.purgeTokens(scenario.clock.now())).toBe(false);
    expect(await serving.outcome(accessToken)).toBe('accepted');
    scenario.clock.advance('1h');
    expect(await serving.outcome(accessToken)).toBe('expired');
    expect(await serving.store.purgeTokens(scenario.clock.now())).toBe(false);
    expect(await scenario.files.ask('select * from access_token')).toEqual([]);
  });

  it('is neither issued nor kept for a client that was deleted meanwhile, and others of its group are', async () => {
    const { scenario, serving, secret } = await openClient();
    const other = await scenario.issue({ name: 'other', type: 'oauth2' });
    const [gone, present] = [await serving.principal(secret), await serving.principal(other)];
    await deleteCredential(scenario.process(), 'ci-bot');
    const issuer = new TokenIssuer({ ...scenario.process(), store: serving.store });
    const [first, second] = await Promise.all([issuer.issue(gone, null), issuer.issue(present, null)]);
    expect(first).toBe('invalid_client');
    expect(second).toMatchObject({ scopes: ['data:users'] });
  });

  it('is unknown with another prefix or another id, and wrong with another secret', async () => {
    const { serving, secret } = await openClient();
    const parsed = parseSecret((await serving.token(secret)).accessToken);
    if (parsed === null) throw new Error('no token');
    for (const unknown of [
      composeSecret('other', 'tok', parsed.id, parsed.secret),
      composeSecret('cctl', 'tok', 'NobodyHasIt0', parsed.secret),
    ]) {
      expect(await serving.outcome(unknown)).toBe('unknown');
    }
    const wrong = composeSecret('cctl', 'tok', parsed.id, 'x'.repeat(43));
    expect(await serving.outcome(wrong)).toBe('wrong_secret');
  });

  it('is never held up by wrong ones from the same address', async () => {
    const { serving, secret } = await openClient();
    const { accessToken } = await serving.token(secret);
    const wrong = composeSecret('cctl', 'tok', 'NobodyHasIt0', 'x'.repeat(43));
    for (let n = 0; n < 60; n += 1) expect(await serving.outcome(wrong)).toBe('unknown');
    expect(await serving.outcome(wrong)).toBe('throttled');
    expect(await serving.outcome(accessToken)).toBe('accepted');
    expect(await serving.outcome(secret)).toBe('accepted');
  });
});

describe('asking about a token and ending it', () => {
  it('is possible for its own client, and for everyone who holds credctl:introspect', async () => {
    const { scenario, serving, secret } = await openClient();
    const stranger = await serving.principal(await scenario.issue({ name: 'stranger' }));
    const gateway = await serving.principal(
      await scenario.issue({ name: 'gateway', scopes: ['credctl:introspect'] }),
    );
    const own = await serving.principal(secret);
    const { accessToken } = await serving.token(secret);
    const deps = { ...scenario.process(), store: serving.store, verifier: serving.verifier };
    const ask = (caller: typeof own, text: string) => introspectToken(deps, caller, text, 'here');
    expect(await ask(own, accessToken)).toMatchObject({ credential: { name: 'ci-bot' } });
    expect(await ask(gateway, accessToken)).toMatchObject({ scopes: SCOPES });
    expect(await ask(stranger, accessToken)).toBeNull();
    expect(await ask(gateway, secret)).toBeNull();
    expect(await ask(gateway, 'rubbish')).toBeNull();
    await revokeToken(deps, stranger, accessToken);
    expect(await ask(own, accessToken)).not.toBeNull();
    await revokeToken(deps, own, `${accessToken}x`);
    await revokeToken(deps, own, accessToken);
    expect(await ask(own, accessToken)).toBeNull();
    expect(await serving.outcome(accessToken)).toBe('unknown');
  });
});
