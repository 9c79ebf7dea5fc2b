import type { Store } from '../../../domain/ports/store-port.js';
import { maskSecrets } from '../../../domain/secret/secret-format.js';
import { byteSize } from '../../../domain/text/byte-size.js';
import type { GlobalOptions } from '../../flags/global.js';
import type { Host } from '../../host/host.js';
import { describeFacts } from '../../render/description/facts.js';
import { jsonDocument } from '../../render/json.js';
import { factLines } from '../../render/lines.js';

/** Prints settings and statistics of a store. */
export async function reportStore(host: Host, globals: GlobalOptions, store: Store): Promise<void> {
  const [settings, figures] = [await store.settings(), await store.statistics()];
  const cost = settings.hashPolicy.scheme === 'bcrypt' ? settings.hashPolicy.cost : null;
  const view = {
    engine: figures.engine,
    location: maskSecrets(figures.location),
    id: figures.schema === 0 ? null : settings.id,
    schema: figures.schema,
    prefix: settings.prefix,
    hash: settings.hashPolicy.scheme,
    bcrypt_cost: cost,
    credentials: figures.credentials,
    owners: figures.owners,
    size_bytes: figures.sizeBytes,
  };
  if (globals.json) return host.out.write(jsonDocument({ store: view }));
  const size = host.out.isTerminal ? byteSize(view.size_bytes) : `${view.size_bytes} bytes`;
  const facts = [
    [
      ['engine', figures.library === undefined ? view.engine : `${view.engine}, with ${figures.library}`],
      ['location', view.location],
      ['id', view.id ?? 'none; the first change creates the store'],
      ['schema', String(view.schema)],
    ],
    [
      ['prefix', view.prefix],
      ['hash', cost === null ? view.hash : `${view.hash}, cost ${cost}`],
    ],
    [
      ['credentials', String(view.credentials)],
      ['owners', String(view.owners)],
      ['size', size],
    ],
  ] as const;
  host.out.write(
    host.out.isTerminal
      ? describeFacts(
          facts.map((group) => group.map(([name, value]) => ({ name, value }))),
          host.out.columns,
        )
      : factLines(facts.flat()),
  );
}
