import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Container, startContainer } from '../support/images/container.js';
import { lastWords, stagesOf, valuesSet } from '../support/images/dockerfile.js';
import { buildImage, type Image } from '../support/images/image.js';
import { hasMachines } from '../support/images/machine.js';
import { PROJECT } from '../support/program/real-program.js';
import { until } from '../support/program/until.js';

const stages = stagesOf(readFileSync(join(PROJECT, 'Dockerfile'), 'utf8'));
const [build, final] = stages;

/** What the build may read of the repository. */
const admitted = readFileSync(join(PROJECT, '.dockerignore'), 'utf8')
  .split('\n')
  .flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));

describe('the Dockerfile', () => {
  it('begins with exact releases of one Node.js, and ends in the slim one', () => {
    const [, release = ''] = /^node:(\d+\.\d+\.\d+)-bookworm$/.exec(build?.image ?? '') ?? [];
    expect(release).not.toBe('');
    expect(final?.image).toBe(`node:${release}-bookworm-slim`);
    expect(stages).toHaveLength(2);
  });

  it('copies what is there, of which .dockerignore admits just that', () => {
    const copied = (build?.steps ?? []).filter(({ keyword }) => keyword === 'COPY');
    const sources = copied.flatMap(({ words }) => words.slice(0, -1));
    for (const source of sources) expect(existsSync(join(PROJECT, source)), source).toBe(true);
    expect(admitted.toSorted()).toEqual([...sources].sort());
    expect(readFileSync(join(PROJECT, '.dockerignore'), 'utf8')).toMatch(/^\*$/m);
  });

  it('gives the container a numeric user, a signal, a port and labels', () => {
    if (final === undefined) throw new Error('there is one stage only');
    expect(lastWords(final, 'USER')).toEqual(['10001:10001']);
    expect(lastWords(final, 'STOPSIGNAL')).toEqual(['SIGTERM']);
    expect(lastWords(final, 'EXPOSE')).toEqual(['8080']);
    expect(valuesSet(final, 'LABEL')).toMatchObject({
      'org.opencontainers.image.title': 'credctl',
      'org.opencontainers.image.licenses': 'MIT',
    });
  });
});

describe.runIf(hasMachines())('the image, carried out on a copy of this machine', () => {
  let image: Awaited<ReturnType<typeof buildImage>>;

  beforeAll(async () => {
    image = await buildImage(PROJECT);
  });

  afterAll(() => image?.stop());

  /** A container on a root that cannot be written, with memory in some places. */
  function start(command: readonly string[], writable: readonly string[], env: Image['env'] = {}): Container {
    const container = startContainer(image.machine, {
      ...image,
      command,
      writable,
      env: { ...image.env, ...env },
    });
    onTestFinished(async () => {
      container.kill();
      await container.ended;
    });
    return container;
  }

  /** A server on an empty store of its own. */
  function startServer(): Container {
    const script = 'credctl store init -q && exec "$0" "$@"';
    return start(['sh', '-c', script, ...image.command], ['/tmp', '/var/lib/credctl']);
  }

  const isHealthy = (container: Container): boolean =>
    container.exec(lastWords(image.stage, 'HEALTHCHECK')).exitCode === 0;

  /** Waits until a command succeeds in a container. */
  async function untilThere(container: Container, command: readonly string[]): Promise<void> {
    const tooSoon = container.ended.then((code) => {
      throw new Error(`it ended with ${code}: ${container.output()}`);
    });
    await Promise.race([until(() => container.exec(command).exitCode === 0), tooSoon]);
    tooSoon.catch(() => {});
  }

  it('serves as process 1, is healthy, and ends in order at SIGTERM', async () => {
    const server = startServer();
    await untilThere(server, lastWords(image.stage, 'HEALTHCHECK'));
    expect(server.exec(['cat', '/proc/1/comm']).output).toMatch(/^node|MainThread/);
    const created = ['create', 'ci-bot', '--type', 'api-key', '--scope', 'data:users', '-q'];
    const { exitCode, output } = server.exec(['credctl', ...created]);
    expect([exitCode, output]).toEqual([0, expect.stringMatching(/^cctl_key_[0-9A-Za-z]{61}\n$/)]);
    server.signal('SIGTERM');
    expect([await server.ended, server.output()]).toEqual([0, expect.stringContaining('"stopped"')]);
  });

  it('is no user that owns anything but its store and what it keeps in /tmp', async () => {
    const server = startServer();
    await untilThere(server, lastWords(image.stage, 'HEALTHCHECK'));
    const { output } = server.exec([
      'sh',
      '-c',
      'id -u; id -g; grep CapEff /proc/1/status; ls -l /var/lib/credctl; ls -ld /tmp/credctl',
    ]);
    expect(output).toMatch(/^10001\n10001\nCapEff:\t0{16}\n/);
    expect(output).toMatch(/-rw------- .* credctl\.db\n[\s\S]*drwx------ .* \/tmp\/credctl\n$/);
    const owned = server.exec(['sh', '-c', 'find / -xdev -user 10001 2>/dev/null']);
    expect(owned.output).toBe('/var/lib/credctl\n');
    for (const place of ['/opt/credctl', '/var/lib', '/etc']) {
      const { exitCode, output: said } = server.exec(['touch', `${place}/new`]);
      expect([exitCode, said]).toEqual([1, expect.stringContaining('Read-only file system')]);
    }
  });

  it('is unhealthy when nothing listens', async () => {
    const idle = start(['sleep', '600'], ['/tmp']);
    await untilThere(idle, ['true']);
    expect(isHealthy(idle)).toBe(false);
  });

  it('says that there is no store where none was made, and needs no /tmp for that', async () => {
    const server = start(image.command, []);
    expect([await server.ended, server.output()]).toEqual([
      8,
      expect.stringContaining('there is no store at /var/lib/credctl/credctl.db'),
    ]);
  });
});
