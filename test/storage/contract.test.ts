import { describe } from 'vitest';
import { ENGINES } from '../support/engines.js';
import { auditContract } from './contract/audit.js';
import { auditTamperingContract } from './contract/audit-tampering.js';
import { checkContract } from './contract/check.js';
import { checkLeaseContract } from './contract/check-leases.js';
import { clockContract } from './contract/clock.js';
import { credentialContract } from './contract/credentials.js';
import { listingContract } from './contract/listing.js';
import { ownerContract } from './contract/owners.js';
import { pagingContract } from './contract/paging.js';
import { searchContract } from './contract/search.js';
import { versionContract } from './contract/versions.js';
import { writingContract } from './contract/writing.js';

describe.each(ENGINES)('a store in $label', (engine) => {
  credentialContract(engine);
  versionContract(engine);
  ownerContract(engine);
  writingContract(engine);
  listingContract(engine);
  pagingContract(engine);
  searchContract(engine);
  auditContract(engine);
  auditTamperingContract(engine);
  checkContract(engine);
  checkLeaseContract(engine);
  clockContract(engine);
});
