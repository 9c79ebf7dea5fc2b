import { createInterface } from 'node:readline';
import { AsyncEntry } from '@napi-rs/keyring';

/**
 * A process of its own that talks to the operating system's keychain: a keychain that hangs can then be given up by
 * ending the process. It takes a JSON request a line and gives a JSON answer a line.
 */

interface Request {
  readonly action: 'get' | 'set' | 'delete';
  readonly service: string;
  readonly account: string;
  readonly secret?: string;
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(line))}\n`);
}

async function answer(
  line: string,
): Promise<{ readonly value: string | boolean | null } | { readonly fault: string }> {
  try {
    const request = JSON.parse(line) as Request;
    // Unpinned, the library falls back to the kernel's keyring, which forgets everything at the next boot.
    const entry = new AsyncEntry(request.service, request.account, { linux: { store: 'secret-service' } });
    if (request.action === 'get') return { value: await entry.getPassword() };
    if (request.action === 'delete') return { value: await entry.deleteCredential() };
    await entry.setPassword(request.secret ?? '');
    return { value: true };
  } catch (fault) {
    return { fault: fault instanceof Error ? fault.message : String(fault) };
  }
}
