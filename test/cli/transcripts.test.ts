import { readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openSession } from '../support/run.js';
import { parseTranscript, playTranscript } from '../support/transcript.js';

const DIRECTORY = fileURLToPath(new URL('transcripts', import.meta.url));

/** With CREDCTL_UPDATE_TRANSCRIPTS=1 what happens is written down instead of compared. */
const UPDATES = process.env['CREDCTL_UPDATE_TRANSCRIPTS'] === '1';

describe('a session goes as it is written down:', () => {
  it.each(readdirSync(DIRECTORY).toSorted())('%s', async (file) => {
    const path = join(DIRECTORY, file);
    const written = await readFile(path, 'utf8');
    const session = await openSession({ config: null });
    const played = await playTranscript(parseTranscript(written), session);
    if (UPDATES) await writeFile(path, played);
    else expect(played).toBe(written);
  });
});
