import type { Message } from './dbus-messages.js';
import { asArray, asVariant, type Value } from './dbus-values.js';
import { ENCRYPTED, EncryptedSessions } from './encrypted-sessions.js';
import type { Misbehaviour } from './misbehaviour.js';
import { openPrivateBus, type PrivateBus, type Reply, type SendSignal } from './private-bus.js';

/** An entry, as the keychain shows it to its owner. */
export interface FakeEntry {
  readonly account: string;
  readonly secret: string;
}

/**
 * A Secret Service (freedesktop.org, version 0.2) in this process, on a bus of its own, that can be told to misbehave.
 * Only the entries of one run are in it.
 */
export class FakeSecretService {
  /** When it misbehaves: with `delivery`, not before there is a secret. */
  when: 'always' | 'delivery' = 'always';
  misbehaviour: Misbehaviour = 'none';
  /** Called for every entry that was saved, before the reply is sent. */
  onSaved: (entry: FakeEntry) => void = () => {};
  /** The accounts that something was to be written to, whatever came of it. */
  readonly attempted: string[] = [];
  readonly #bus: PrivateBus;
  readonly #items = new Map<string, { readonly attributes: ReadonlyMap<string, string>; secret: string }>();
  readonly #sessions = new EncryptedSessions();
  #count = 0;
  #completePrompt = (): void => {};

  /** @param path of the socket */
  constructor(path: string) {
    const service = this;
    this.#bus = openPrivateBus({
      path,
      get serviceName() {
        return service.misbehaviour === 'absent' ? null : 'org.freedesktop.secrets';
      },
      service: (call, emit) => service.#answer(call, emit),
      isMute: () => service.misbehaviour === 'hangs at connecting',
    });
  }

  /** The environment that leads a program here. */
  get env(): { readonly DBUS_SESSION_BUS_ADDRESS: string } {
    return { DBUS_SESSION_BUS_ADDRESS: this.#bus.address };
  }

  get connections(): number {
    return this.#bus.connections;
  }

  get entries(): readonly FakeEntry[] {
    return [...this.#items.values()].map(({ attributes, secret }) => ({
      account: attributes.get('username') ?? '',
      secret,
    }));
  }

  /** Puts an entry there, as credctl would. */
  add(account: string, secret: string): void {
    const attributes = new Map([
      ['service', 'credctl'],
      ['username', account],
    ]);
    this.#items.set(this.#newPath(`${COLLECTION}/`), { attributes, secret });
  }

  /** Answers the prompt, as a person does who types the password. */
  unlock(): void {
    this.misbehaviour = 'none';
    this.#completePrompt();
  }

  close(): void {
    this.#bus.close();
  }

  #newPath(prefix: string): string {
    this.#count += 1;
    return `${prefix}${this.#count}`;
  }

  #answer(call: Message, emit: SendSignal): Reply {
    switch (`${call.interface}.${call.member}`) {
      case 'org.freedesktop.Secret.Service.OpenSession':
        return this.#is('hangs at opening') ? 'silence' : this.#openSession(call);
      case 'org.freedesktop.Secret.Service.SearchItems':
        return this.#search(call);
      case 'org.freedesktop.Secret.Service.ReadAlias':
        return result('o', COLLECTION);
      case 'org.freedesktop.Secret.Service.Unlock':
        this.#completePrompt = () => {
          const unlocked = { signature: 'ao', value: asArray(call.body[0]) };
          emit(PROMPT, 'org.freedesktop.Secret.Prompt.Completed', 'bv', [false, unlocked]);
        };
        return result('aoo', this.#isLocked() ? [] : asArray(call.body[0]), this.#isLocked() ? PROMPT : NONE);
      case 'org.freedesktop.Secret.Prompt.Prompt':
        if (this.#is('locked')) {
          emit(PROMPT, 'org.freedesktop.Secret.Prompt.Completed', 'bv', [
            true,
            { signature: 's', value: '' },
          ]);
        }
        return result('');
      case 'org.freedesktop.Secret.Prompt.Dismiss':
        return result('');
      case 'org.freedesktop.DBus.Properties.Get':
        return this.#property(call);
      case 'org.freedesktop.Secret.Collection.CreateItem':
        return this.#create(call);
      case 'org.freedesktop.Secret.Item.GetSecret':
        return this.#secret(call);
      case 'org.freedesktop.Secret.Item.SetSecret':
        return this.#replace(call);
      case 'org.freedesktop.Secret.Item.Delete':
        if (this.#is('hangs at removing', this.#accountOf(call.path))) return 'silence';
        this.#items.delete(call.path ?? '');
        return result('o', NONE);
      default:
        return {
          error: 'org.freedesktop.DBus.Error.UnknownMethod',
          text: `${call.interface}.${call.member}`,
        };
    }
  }

  #openSession({ body: [algorithm, input] }: Message): Reply {
    if (algorithm !== ENCRYPTED) {
      return { error: 'org.freedesktop.DBus.Error.NotSupported', text: 'only encrypted sessions' };
    }
    const session = this.#newPath('/org/freedesktop/secrets/session/');
    const publicKey = this.#sessions.open(session, asVariant(input).value);
    return result('vo', { signature: 'ay', value: publicKey }, session);
  }

  #search({ body: [wanted] }: Message): Reply {
    const attributes = asArray(wanted).map((pair) => asArray(pair));
    const found = [...this.#items].flatMap(([path, item]) =>
      attributes.every(([name, value]) => item.attributes.get(String(name)) === value) ? [path] : [],
    );
    return this.#isLocked() ? result('aoao', [], found) : result('aoao', found, []);
  }

  #property({ path, body: [, name] }: Message): Reply {
    if (name === 'Locked') return result('v', { signature: 'b', value: this.#isLocked() });
    if (name === 'Label') return result('v', { signature: 's', value: 'entry' });
    if (name !== 'Attributes') {
      return { error: 'org.freedesktop.DBus.Error.UnknownProperty', text: String(name) };
    }
    const attributes = [...(this.#items.get(path ?? '')?.attributes ?? [])];
    return result('v', { signature: 'a{ss}', value: attributes });
  }

  #create({ body: [properties, secret, replaces] }: Message): Reply {
    const given = asArray(properties).map((pair) => asArray(pair));
    const [, value] = given.find(([name]) => name === 'org.freedesktop.Secret.Item.Attributes') ?? [];
    const attributes = new Map(
      asArray(asVariant(value).value).map((pair) => {
        const [name, text] = asArray(pair);
        return [String(name), String(text)] as const;
      }),
    );
    const account = attributes.get('username') ?? '';
    this.attempted.push(account);
    if (this.#is('denies writing', account)) return DENIED;
    if (this.#is('drops the connection', account)) this.#bus.close();
    const path = this.#newPath(`${COLLECTION}/`);
    if (replaces === true) {
      for (const [other, item] of this.#items) {
        if (item.attributes.get('username') === account) this.#items.delete(other);
      }
    }
    if (!this.#is('loses what was written', account)) {
      const text = this.#sessions.decrypt(asArray(secret));
      this.#items.set(path, { attributes, secret: text });
      this.onSaved({ account, secret: text });
    }
    return this.#is('hangs at writing', account) ? 'silence' : result('oo', path, NONE);
  }

  /** What a program does that finds an entry where it writes. */
  #replace({ path, body: [secret] }: Message): Reply {
    const item = this.#items.get(path ?? '');
    if (item === undefined) return GONE;
    const account = this.#accountOf(path);
    this.attempted.push(account);
    if (this.#is('denies writing', account)) return DENIED;
    item.secret = this.#sessions.decrypt(asArray(secret));
    return this.#is('hangs at writing', account) ? 'silence' : result('');
  }

  #secret({ path, body: [session] }: Message): Reply {
    const item = this.#items.get(path ?? '');
    if (item === undefined) return GONE;
    if (this.#isLocked()) return LOCKED;
    const account = item.attributes.get('username') ?? '';
    if (this.#is('hangs at reading', account)) return 'silence';
    if (this.#is('denies reading', account)) return DENIED;
    const text = this.#is('returns something else', account) ? `${item.secret.slice(0, -1)}_` : item.secret;
    return result('(oayays)', this.#sessions.encrypt(String(session), text));
  }

  #accountOf(path: string | undefined): string {
    return this.#items.get(path ?? '')?.attributes.get('username') ?? '';
  }

  #is(misbehaviour: Misbehaviour, account?: string): boolean {
    if (this.misbehaviour !== misbehaviour) return false;
    return this.when === 'always' || account === undefined || !account.startsWith('preflight/');
  }

  #isLocked(): boolean {
    return this.#is('locked') || this.#is('prompts forever');
  }
}

const COLLECTION = '/org/freedesktop/secrets/collection/login';
const PROMPT = '/org/freedesktop/secrets/prompt/1';
const NONE = '/';

const GONE: Reply = { error: 'org.freedesktop.Secret.Error.NoSuchObject', text: 'there is no such item' };

const LOCKED: Reply = {
  error: 'org.freedesktop.Secret.Error.IsLocked',
  text: 'Cannot get secret of a locked object',
};

const DENIED: Reply = {
  error: 'org.freedesktop.DBus.Error.AccessDenied',
  text: 'Rejected send message: this program may not use the keychain',
};

function result(signature: string, ...body: readonly Value[]): Reply {
  return { signature, body };
}
