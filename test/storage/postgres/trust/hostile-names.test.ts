import { describe } from 'vitest';
import { HostileEngine } from '../../../support/postgres/hostile-engine.js';
import { POSTGRES_18 } from '../../../support/postgres/stores.js';
import { auditContract } from '../../contract/audit.js';
import { checkContract } from '../../contract/check.js';
import { clockContract } from '../../contract/clock.js';
import { credentialContract } from '../../contract/credentials.js';
import { listingContract } from '../../contract/listing.js';
import { ownerContract } from '../../contract/owners.js';
import { searchContract } from '../../contract/search.js';
import { versionContract } from '../../contract/versions.js';
import { writingContract } from '../../contract/writing.js';

/** None of it is seen by the program here, so that nothing but its exact names and types keeps it from being run. */
describe('a store among hostile names', () => {
  const engine = new HostileEngine(POSTGRES_18);
  credentialContract(engine);
  versionContract(engine);
  ownerContract(engine);
  writingContract(engine);
  listingContract(engine);
  searchContract(engine);
  auditContract(engine);
  checkContract(engine);
  clockContract(engine);
});
