import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { parseDuration } from '../../../src/domain/duration.js';
import { parsePostgresUrl } from '../../../src/storage/postgres/connection/url.js';
import { PROJECT } from '../../support/program/real-program.js';
import { openSession } from '../../support/program/run.js';
import { until } from '../../support/program/until.js';
import { startServer } from '../../support/servers/server.js';

const GUIDE = readFileSync(join(PROJECT, 'docs/production.md'), 'utf8');
const [, MANIFEST = ''] = /^```yaml\n([\s\S]*?)^```$/m.exec(GUIDE) ?? [];

const labels = z.strictObject({ app: z.string() });
const probe = (path: string) =>
  z.strictObject({
    httpGet: z.strictObject({ path: z.literal(path), port: z.int() }),
    periodSeconds: z.int().min(1),
    timeoutSeconds: z.int().min(1).optional(),
  });
const deployment = z.strictObject({
  apiVersion: z.literal('apps/v1'),
  kind: z.literal('Deployment'),
  metadata: z.strictObject({ name: z.string() }),
  spec: z.strictObject({
    replicas: z.int().min(2),
    selector: z.strictObject({ matchLabels: labels }),
    strategy: z.strictObject({ rollingUpdate: z.strictObject({ maxUnavailable: z.literal(0) }) }),
    template: z.strictObject({
      metadata: z.strictObject({ labels }),
      spec: z.strictObject({
        terminationGracePeriodSeconds: z.int(),
        automountServiceAccountToken: z.literal(false),
        securityContext: z.strictObject({
          runAsNonRoot: z.literal(true),
          runAsUser: z.int().min(1),
          seccompProfile: z.strictObject({ type: z.literal('RuntimeDefault') }),
        }),
        containers: z.tuple([
          z.strictObject({
            name: z.string(),
            image: z.string(),
            command: z.array(z.string()),
            ports: z.tuple([z.strictObject({ containerPort: z.int() })]),
            env: z.tuple([
              z.strictObject({ name: z.literal('CREDCTL_STORE'), value: z.string() }),
              z.strictObject({
                name: z.literal('PGPASSWORD'),
                valueFrom: z.strictObject({
                  secretKeyRef: z.strictObject({ name: z.string(), key: z.string() }),
                }),
              }),
            ]),
            readinessProbe: probe('/readyz'),
            livenessProbe: probe('/healthz'),
            securityContext: z.strictObject({
              allowPrivilegeEscalation: z.literal(false),
              readOnlyRootFilesystem: z.literal(true),
              capabilities: z.strictObject({ drop: z.tuple([z.literal('ALL')]) }),
            }),
          }),
        ]),
      }),
    }),
  }),
});
const service = z.strictObject({
  apiVersion: z.literal('v1'),
  kind: z.literal('Service'),
  metadata: z.strictObject({ name: z.string() }),
  spec: z.strictObject({
    selector: labels,
    ports: z.tuple([z.strictObject({ port: z.literal(80), targetPort: z.int() })]),
  }),
});

/** The objects of the manifest, a document of YAML 1.1. */
function manifest() {
  const documents = parseAllDocuments(MANIFEST, { version: '1.1', strict: true });
  for (const { errors } of documents) expect(errors).toEqual([]);
  const [first, second] = documents.map((document): unknown => document.toJS());
  return { pods: deployment.parse(first).spec, service: service.parse(second) };
}

describe('the manifest of docs/production.md', () => {
  it('has objects that fit together, and a database of several hosts', () => {
    const { pods, service } = manifest();
    const { template, selector } = pods;
    const [container] = template.spec.containers;
    expect([selector.matchLabels, service.spec.selector]).toEqual([
      template.metadata.labels,
      template.metadata.labels,
    ]);
    const [{ containerPort }] = container.ports;
    const ports = [container.readinessProbe, container.livenessProbe].map(({ httpGet }) => httpGet.port);
    expect([...ports, service.spec.ports[0].targetPort]).toEqual([8080, 8080, 8080]);
    expect(containerPort).toBe(8080);
    const address = parsePostgresUrl(container.env[0].value, { PGPASSFILE: '/none' });
    expect(address.hosts.map(({ host }) => host)).toEqual(['db1.example.org', 'db2.example.org']);
    expect(address.hosts[0].tls).toMatchObject({ isPreference: false, ssl: {} });
  });

  it('has a command that is ready to be probed, goes on at its end, and ends in the time that it has', async () => {
    const { pods, service } = manifest();
    const [{ command }] = pods.template.spec.containers;
    const flags = command.slice(2);
    const delay = parseDuration(flags[flags.indexOf('--shutdown-delay') + 1] ?? '').ms;
    // The drain time-out is ten seconds.
    expect(pods.template.spec.terminationGracePeriodSeconds * 1_000).toBeGreaterThan(delay + 10_000);
    const server = await startServer(await openSession(), ...flags);
    const probed = async () => {
      const answers = ['/readyz', '/healthz'].map((path) =>
        server.send(path, { headers: { host: '10.0.0.7:8080' } }),
      );
      return (await Promise.all(answers)).map(({ status }) => status);
    };
    expect(await probed()).toEqual([200, 200]);
    const named = { headers: { host: service.metadata.name } };
    expect((await server.send('/.well-known/oauth-authorization-server', named)).status).toBe(200);
    server.child.kill('SIGTERM');
    await until(async () => (await probed())[0] === 503);
    expect((await server.send('/.well-known/oauth-authorization-server', named)).status).toBe(200);
    // A second signal ends the delay.
    expect(await server.end()).toBe(0);
  });
});
