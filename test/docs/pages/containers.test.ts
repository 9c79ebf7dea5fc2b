import { chmod } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { exampleOf } from '../../support/build/page.js';
import { verdictOn } from '../../support/dependencies/presented.js';
import { openSession, type Session } from '../../support/program/run.js';
import { KUBECTL, standIn } from '../../support/program/stand-in.js';
import { makeOverdue } from '../../support/stores/overdue.js';

const DOCUMENT = 'docs/containers.md';
const CLIENT = ['--scope', 'data:users', '--rotate-every', '30d'];

async function example(session: Session, name: string): Promise<void> {
  const { exitCode, stderr } = await session.sh(`set -e\n${exampleOf(DOCUMENT, name)}`);
  expect(exitCode, `${name}: ${stderr}`).toBe(0);
}

const secretObject = z.object({
  apiVersion: z.literal('v1'),
  kind: z.literal('Secret'),
  metadata: z.object({ name: z.string() }),
  stringData: z.record(z.string(), z.string()),
});

/** The Secret that was applied under a name. */
async function applied(session: Session, name: string) {
  return secretObject.parse(parse(await session.workspace.read(`cluster/${name}`)));
}

const named = z.object({ name: z.string() });
const cronJob = z.strictObject({
  apiVersion: z.literal('batch/v1'),
  kind: z.literal('CronJob'),
  metadata: named,
  spec: z.strictObject({
    schedule: z.string().regex(/^\d+ \d+ \* \* \*$/),
    concurrencyPolicy: z.literal('Forbid'),
    jobTemplate: z.strictObject({
      spec: z.strictObject({
        backoffLimit: z.literal(0),
        template: z.strictObject({
          spec: z.strictObject({
            serviceAccountName: z.string(),
            restartPolicy: z.literal('Never'),
            terminationGracePeriodSeconds: z.int().min(301),
            securityContext: z.strictObject({
              runAsNonRoot: z.literal(true),
              runAsUser: z.int().min(1),
              runAsGroup: z.int().min(1),
              fsGroup: z.int().min(1),
              fsGroupChangePolicy: z.literal('OnRootMismatch'),
              seccompProfile: z.strictObject({ type: z.literal('RuntimeDefault') }),
            }),
            containers: z.tuple([
              z.strictObject({
                name: z.string(),
                image: z.string(),
                command: z.array(z.string()),
                env: z.array(z.strictObject({ name: z.string(), value: z.string() })),
                securityContext: z.strictObject({
                  allowPrivilegeEscalation: z.literal(false),
                  readOnlyRootFilesystem: z.literal(true),
                  capabilities: z.strictObject({ drop: z.tuple([z.literal('ALL')]) }),
                }),
                volumeMounts: z.array(z.strictObject({ name: z.string(), mountPath: z.string() })),
              }),
            ]),
            volumes: z.tuple([
              z.strictObject({
                name: z.string(),
                persistentVolumeClaim: z.strictObject({ claimName: z.string() }),
              }),
              z.strictObject({
                name: z.string(),
                configMap: z.strictObject({ name: z.string(), defaultMode: z.literal(0o555) }),
              }),
              z.strictObject({ name: z.string(), emptyDir: z.strictObject({ medium: z.literal('Memory') }) }),
            ]),
          }),
        }),
      }),
    }),
  }),
});

/** The objects of credctl.yaml by their kind. A document of YAML 1.1, which Kubernetes reads. */
function cluster(): ReadonlyMap<string, Record<string, unknown>> {
  const documents = parseAllDocuments(exampleOf(DOCUMENT, 'credctl.yaml'), { version: '1.1', strict: true });
  return new Map(
    documents.map((document) => {
      expect(document.errors).toEqual([]);
      const object = z.looseObject({ kind: z.string() }).parse(document.toJS());
      return [object.kind, object];
    }),
  );
}

describe('Kubernetes', () => {
  it('takes a first secret from a pipe, and a rotation from a command', async () => {
    const session = await openSession();
    await standIn(session, 'kubectl', KUBECTL);
    await example(session, 'first-secret.sh');
    const first = await applied(session, 'crm-sync');
    expect(Object.keys(first.stringData)).toEqual(['CRM_SYNC_CLIENT_ID', 'CRM_SYNC_CLIENT_SECRET']);
    await example(session, 'rotate-secret.sh');
    const second = await applied(session, 'crm-sync');
    expect(Object.keys(second.stringData)).toEqual(Object.keys(first.stringData));
    expect(second.stringData['CRM_SYNC_CLIENT_ID']).toBe(first.stringData['CRM_SYNC_CLIENT_ID']);
    const secrets = [first, second].map(({ stringData }) => stringData['CRM_SYNC_CLIENT_SECRET'] ?? '');
    expect(new Set(secrets).size).toBe(2);
    for (const secret of secrets) expect(await verdictOn(session, secret)).toBe('valid');
  });

  it('that cannot be reached takes no rotation, which is revoked', async () => {
    const session = await openSession();
    await session.ok('create', 'crm-sync', ...CLIENT, '--output', 'first');
    await standIn(session, 'kubectl', 'echo "no cluster" >&2; exit 1');
    const { exitCode, stderr } = await session.sh(exampleOf(DOCUMENT, 'rotate-secret.sh'));
    expect(exitCode, stderr).toBe(6);
    expect(await session.ok('show', 'crm-sync', '--json')).toMatch(/"state":"revoked".*"state":"current"/);
  });

  it('is told of objects that fit together', () => {
    const objects = cluster();
    expect([...objects.keys()]).toEqual([
      'ServiceAccount',
      'Role',
      'RoleBinding',
      'PersistentVolumeClaim',
      'ConfigMap',
      'CronJob',
    ]);
    const { spec } = cronJob.parse(objects.get('CronJob')).spec.jobTemplate.spec.template;
    const nameOf = (kind: string) => z.object({ metadata: named }).parse(objects.get(kind)).metadata.name;
    expect(spec.serviceAccountName).toBe(nameOf('ServiceAccount'));
    expect(objects.get('RoleBinding')).toMatchObject({
      roleRef: { kind: 'Role', name: nameOf('Role') },
      subjects: [{ kind: 'ServiceAccount', name: nameOf('ServiceAccount') }],
    });
    expect(objects.get('Role')).toMatchObject({
      rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['get', 'create', 'patch'] }],
    });
    expect(spec.volumes[0].persistentVolumeClaim.claimName).toBe(nameOf('PersistentVolumeClaim'));
    expect(spec.volumes[1].configMap.name).toBe(nameOf('ConfigMap'));
    const [container] = spec.containers;
    const volumes = spec.volumes.map(({ name }) => name);
    expect(container.volumeMounts.map(({ name }) => name).toSorted()).toEqual(volumes.toSorted());
    const mounts = container.volumeMounts.map(({ mountPath }) => mountPath);
    const paths = [...container.env.map(({ value }) => value), container.command.at(-1) ?? ''];
    for (const path of paths) expect(mounts.some((mount) => path.startsWith(mount))).toBe(true);
  });

  it('runs what the CronJob says, with the script of the ConfigMap', async () => {
    const session = await openSession();
    await standIn(session, 'kubectl', KUBECTL);
    await session.ok('create', 'team-crm.sync', ...CLIENT, '-q');
    await session.issue('ci-bot', '--rotate-every', '1d');
    await session.issue('CI_bot', '--rotate-every', '1d');
    makeOverdue(session.workspace.defaultStore);
    const { data } = z
      .object({ data: z.strictObject({ 'store-secret': z.string() }) })
      .parse(cluster().get('ConfigMap'));
    await session.workspace.write('store-secret', data['store-secret']);
    await chmod(session.workspace.path('store-secret'), 0o555);
    const [container] = cronJob.parse(cluster().get('CronJob')).spec.jobTemplate.spec.template.spec
      .containers;
    const [program, ...args] = container.command.map((word) =>
      word.replace('/scripts', session.workspace.directory),
    );
    expect(program).toBe('credctl');
    const { exitCode, stderr } = await session.run(args);
    expect([exitCode, stderr.split('\n')[0]]).toEqual([7, 'not a name for Kubernetes: CI_bot']);
    expect(stderr).toContain('2 rotated, 1 failed, 0 skipped\n');
    for (const name of ['team-crm.sync', 'ci-bot']) {
      const { stringData } = await applied(session, name);
      expect(Object.keys(stringData)).toEqual(['client_id', 'secret']);
      expect(await verdictOn(session, stringData['secret'] ?? '')).toBe('valid');
    }
  });
});

const compose = z.strictObject({
  services: z.strictObject({
    crm: z.strictObject({
      image: z.string(),
      user: z.string(),
      environment: z.record(z.string(), z.string()),
      secrets: z.array(z.string()),
    }),
  }),
  secrets: z.record(z.string(), z.strictObject({ file: z.string() })),
});

describe('Docker', () => {
  it('finds the bare secret in the file that compose.yaml names, and the client id in .env', async () => {
    const session = await openSession();
    await standIn(session, 'docker', 'echo "$*" >> called');
    await example(session, 'compose-secret.sh');
    const { services, secrets } = compose.parse(parse(exampleOf(DOCUMENT, 'compose.yaml')));
    const [secret = ''] = services.crm.secrets;
    expect(services.crm.environment['CRM_CLIENT_SECRET_FILE']).toBe(`/run/secrets/${secret}`);
    const file = secrets[secret]?.file ?? '';
    const first = await session.workspace.read(file);
    expect(first).toMatch(/^cctl_sec_[0-9A-Za-z]{61}$/);
    expect(await session.workspace.read('.env')).toMatch(/^CRM_CLIENT_ID=cctl_id_[0-9A-Za-z]{16}\n$/);
    expect(services.crm.environment['CRM_CLIENT_ID']).toMatch(/^\$\{CRM_CLIENT_ID\}$/);
    await example(session, 'compose-rotate.sh');
    const second = await session.workspace.read(file);
    expect(second).not.toBe(first);
    for (const each of [first, second]) expect(await verdictOn(session, each)).toBe('valid');
    expect(await session.workspace.read('called')).toBe('compose up --detach --force-recreate crm\n');
  });

  it('gets a secret of a swarm for each version', async () => {
    const session = await openSession();
    await session.ok('create', 'crm-sync', ...CLIENT, '-q');
    await standIn(session, 'docker', 'echo "$*" >> called; if [ "$1" = secret ]; then cat > "$3"; fi');
    await example(session, 'swarm.sh');
    expect(await verdictOn(session, await session.workspace.read('crm-client-secret-v2'))).toBe('valid');
    expect((await session.workspace.read('called')).split('\n')).toEqual([
      'secret create crm-client-secret-v2 -',
      'service update --detach --secret-rm crm-client-secret-v1 --secret-add source=crm-client-secret-v2,target=crm-client-secret crm',
      '',
    ]);
  });
});
