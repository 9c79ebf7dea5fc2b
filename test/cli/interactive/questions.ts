/** A question, and keys that leave something to be seen of it. */
export interface Question {
  readonly title: string;
  readonly command: string;
  /** The catalog of the store `other.db`. */
  readonly preset?: string;
  /** What is answered before it. */
  readonly before: readonly (readonly [see: string, ...keys: string[]])[];
  readonly question: string;
  readonly keys: readonly string[];
  /** What can be seen once the keys were pressed. */
  readonly shown: RegExp;
}

/** One question of each kind. */
export const QUESTIONS: readonly Question[] = [
  {
    title: 'the type',
    command: 'credctl create bot',
    before: [],
    question: 'Type',
    keys: ['Down'],
    shown: /^> API key/m,
  },
  {
    title: 'the scopes',
    command: 'credctl create bot --type api-key',
    before: [],
    question: 'Scopes',
    keys: ['Down', 'Space'],
    shown: /1\/5 selected[\s\S]*^> {3}\[x\] Conv/m,
  },
  {
    title: 'the credential to pick',
    command: 'credctl rotate',
    before: [],
    question: 'Credential to rotate',
    keys: ['b', 'o', 't'],
    shown: /Credential to rotate bot\n> ci-bot +active/,
  },
  {
    title: 'the filtered scopes',
    command: 'credctl create bot --type api-key',
    before: [],
    question: 'Scopes',
    keys: ['m', 'e', 's', 's', 'Space'],
    shown: /Scopes mess\n[\s\S]*1\/1 selected\)\n> {3}\[x\] Mess/,
  },
  {
    title: 'the resources',
    command: 'credctl create bot --type oauth2 --store other.db',
    preset: 'mparticle',
    before: [['Scopes', 'Space', 'Enter']],
    question: 'Resources for Profile API',
    keys: ['Space', 'Down'],
    shown: /^ {2}\[x\] workspace\/development\n> \[ \] workspace\/production/m,
  },
  {
    title: 'the owner',
    command: 'credctl create bot --type api-key',
    before: [['Scopes', 'Space', 'Enter']],
    question: 'Owner',
    keys: ['Down'],
    shown: /^> crm/m,
  },
  {
    title: 'a line of the form of edit',
    command: 'credctl edit ci-bot',
    before: [
      ['Name', 'Enter'],
      ['Scopes', 'Enter'],
      ['Owner', 'Enter'],
    ],
    question: 'Description',
    keys: ['x', 'y', 'z'],
    shown: /a notexyz$/m,
  },
  {
    title: 'the name that is typed before a deletion',
    command: 'credctl delete ci-bot',
    before: [],
    question: 'to confirm',
    keys: ['c', 'i'],
    shown: /to confirm: ci$/m,
  },
  {
    title: 'a yes or no',
    command: 'credctl catalog apply -f catalog.json',
    before: [],
    question: '(y/N)',
    keys: ['y', 'e'],
    shown: /\(y\/N\) ye$/m,
  },
];
