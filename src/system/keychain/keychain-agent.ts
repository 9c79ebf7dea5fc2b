import { createInterface } from 'node:readline';

/**
 * A request to the agent process, which isolates the keychain: a call that hangs is given up by killing the
 * process. Protocol: one JSON request per line, one JSON answer per line.
 */

type Request =
  | { readonly action: 'get'; readonly service: string; readonly account: string }
  | { readonly action: 'delete'; readonly service: string; readonly account: string }
  | { readonly action: 'set'; readonly service: string; readonly account: string; readonly secret: string }
  | { readonly action: 'accounts'; readonly service: string };

type Answer =
  | { readonly value: string | boolean | null | readonly string[] }
  | { readonly fault: string }
  /** Why the binding could not be loaded: the message of each attempt. */
  | { readonly unloadable: readonly string[] };

type Binding = typeof import('@napi-rs/keyring');

// The parent has ended. SIGKILL, as a regular exit would wait for a hanging native call.
process.stdin.on('end', () => process.kill(process.pid, 'SIGKILL'));

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(line))}\n`);
}

async function answer(line: string): Promise<Answer> {
  let binding: Binding;
  try {
    // Its addon is a platform-specific optional package, which may not be installed.
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
    // The listing includes the secrets, which must not leave this process.
    return (await findCredentialsAsync(request.service)).map(({ account }) => account);
  }
  // Pinned: the library's default falls back to the kernel keyring, which does not survive a reboot.
  const entry = new AsyncEntry(request.service, request.account, { linux: { store: 'secret-service' } });
  if (request.action === 'get') return entry.getPassword();
  if (request.action === 'delete') return entry.deleteCredential();
  await entry.setPassword(request.secret);
  return true;
}
