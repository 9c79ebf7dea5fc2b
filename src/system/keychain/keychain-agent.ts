import { createInterface } from 'node:readline';

/**
 * A process of its own that talks to the operating system's keychain: a keychain that hangs can then be given up by
 * ending the process. It takes a JSON request a line and gives a JSON answer a line.
 */

type Request =
  | { readonly action: 'get'; readonly service: string; readonly account: string }
  | { readonly action: 'delete'; readonly service: string; readonly account: string }
  | { readonly action: 'set'; readonly service: string; readonly account: string; readonly secret: string }
  | { readonly action: 'accounts'; readonly service: string };

type Answer =
  | { readonly value: string | boolean | null | readonly string[] }
  | { readonly fault: string }
  /** Why the binding could not be loaded: what each way that was tried said. */
  | { readonly unloadable: readonly string[] };

type Binding = typeof import('@napi-rs/keyring');

// Whoever asked is gone. An ordinary exit would wait for a keychain that hangs.
process.stdin.on('end', () => process.kill(process.pid, 'SIGKILL'));

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(line))}\n`);
}

async function answer(line: string): Promise<Answer> {
  let binding: Binding;
  try {
    // Its addon is in a package for each system, which an installation may lack.
    binding = await import('@napi-rs/keyring');
  } catch (fault) {
    return { unloadable: reasons(fault) };
  }
  try {
    return { value: await ask(binding, JSON.parse(line) as Request) };
  } catch (fault) {
    return { fault: fault instanceof Error ? fault.message : String(fault) };
  }
}

function reasons(fault: unknown): readonly string[] {
  return fault instanceof Error ? [fault.message, ...reasons(fault.cause)] : [];
}

async function ask(
  { AsyncEntry, findCredentialsAsync }: Binding,
  request: Request,
): Promise<string | boolean | null | readonly string[]> {
  if (request.action === 'accounts') {
    // The secrets come with them, and stay here.
    return (await findCredentialsAsync(request.service)).map(({ account }) => account);
  }
  // Unpinned, the library falls back to the kernel's keyring, which forgets everything at the next boot.
  const entry = new AsyncEntry(request.service, request.account, { linux: { store: 'secret-service' } });
  if (request.action === 'get') return entry.getPassword();
  if (request.action === 'delete') return entry.deleteCredential();
  await entry.setPassword(request.secret);
  return true;
}
