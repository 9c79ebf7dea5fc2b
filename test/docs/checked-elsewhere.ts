/** Blocks of the pages that cannot run as they stand, or are files: for each page, which test checks which, and how. */
export const CHECKED_ELSEWHERE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'README.md': {
    'npm ci && npx credctl create ci-bot --type api-key --scope data:conversations   # install, build, first key':
      'test/docs/readme.test.ts: without the installation; .ci/run runs it whole',
    'git clone REPOSITORY credctl && cd credctl': 'test/docs/readme.test.ts: what follows the installation',
    'npm run test:unit           # half a minute, without a build': 'test/docs/doors.test.ts: by name',
  },
};
