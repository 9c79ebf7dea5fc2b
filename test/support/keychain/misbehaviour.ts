/** What the keychain does wrong. */
export type Misbehaviour =
  | 'none'
  /** There is a bus, and nothing on it. */
  | 'absent'
  /** Prompts for a password, which is never typed. */
  | 'locked'
  /** Is locked, and its prompt is never answered, unless by `unlock`. */
  | 'prompts forever'
  | 'denies writing'
  | 'denies reading'
  | 'hangs at connecting'
  | 'hangs at opening'
  /** Saves what it is given and does not say so. */
  | 'hangs at writing'
  | 'hangs at reading'
  | 'hangs at removing'
  | 'loses what was written'
  | 'returns something else'
  /** Goes away in the middle. */
  | 'drops the connection';
