import { readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'vitest';
import { sessionIn } from '../support/program/run.js';
import { parseTranscript, playTranscript } from '../support/program/transcript.js';
import { createWorkspace, FAST_HASHES } from '../support/program/workspace.js';

const DIRECTORY = fileURLToPath(new URL('transcripts', import.meta.url));

/** With CREDCTL_UPDATE_TRANSCRIPTS=1 what happens is written down instead of compared. */
const UPDATES = process.env['CREDCTL_UPDATE_TRANSCRIPTS'] === '1';

describe.concurrent('a session goes as it is written down:', () => {
  it.for(readdirSync(DIRECTORY).toSorted())('%s', async (file, { expect }) => {
    const path = join(DIRECTORY, file);
    const written = await readFile(path, 'utf8');
    // Only a session that shows which hash there is has the usual one, which takes as long as ten commands.
    const workspace = await createWorkspace({ config: /bcrypt/.test(written) ? null : FAST_HASHES });
    try {
      const played = await playTranscript(parseTranscript(written), sessionIn(workspace));
      if (UPDATES) await writeFile(path, played);
      else expect(played).toBe(written);
    } finally {
      await workspace.remove();
    }
  });
});
